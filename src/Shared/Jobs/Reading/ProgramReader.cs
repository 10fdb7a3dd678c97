namespace GpuActors.Shared.Jobs.Reading;

/// <summary>Reads a program: its source, as one string or as lines, and its options.</summary>
internal static class ProgramReader
{
    public static JobProgram Read(JsonValue value)
    {
        if (JsonFields.Open(value, "source and options") is not { } fields)
        {
            return new JobProgram("");
        }

        var source = fields.Required("source", "OpenCL C, as a string or an array of lines") is { } text
            ? ReadSource(text)
            : "";
        var options = fields.Optional("options")?.Text(JobLimits.OptionsLength) ?? "";
        fields.RefuseOthers();
        return new JobProgram(source, options);
    }

    private static string ReadSource(JsonValue value)
    {
        if (value.IsString)
        {
            return value.Text(minimum: 1) ?? "";
        }

        if (!value.IsArray)
        {
            return value.Refuse<string>("must be a string or an array of lines") ?? "";
        }

        var lines = value.Items(1, int.MaxValue, "lines") ?? [];
        return string.Join('\n', lines.Select(line => line.Text() ?? ""));
    }
}
