namespace GpuActors.Shared.Jobs.Reading;

/// <summary>Reads what a document says about an output.</summary>
internal static class OutputReader
{
    public static JobOutput Read(JsonValue value)
    {
        if (JsonFields.Open(value, "contentType, element and maxSize, or none of them") is not { } fields)
        {
            return new JobOutput();
        }

        var output = new JobOutput
        {
            ContentType = fields.Optional("contentType")?.Text(Names.IsMediaType, "a media type such as text/plain")
                ?? JobOutput.DefaultContentType,
            Element = fields.Optional("element") is { } element ? ReadType(element) : null,
            MaxSizeBytes = fields.Optional("maxSize") is { } size ? AmountReader.ReadSize(size) : JobLimits.MemoryBytes,
        };
        fields.RefuseOthers();
        return output;
    }

    private static OpenClType? ReadType(JsonValue value) =>
        value.Text(text => OpenClType.TryParse(text, out _), "an OpenCL C type such as float or int4") is { } name
            ? OpenClType.ByName[name]
            : null;
}
