using GpuActors.Shared.Jobs.Expressions;

namespace GpuActors.Shared.Jobs.Reading;

/// <summary>Reads buffers and images, both where a document declares them and where a step makes them.</summary>
internal static class MemoryReader
{
    private static readonly Dictionary<string, ImageChannels> Channels =
        Enum.GetValues<ImageChannels>().ToDictionary(NameOf, StringComparer.Ordinal);

    private static readonly Dictionary<string, ImageElement> Elements =
        Enum.GetValues<ImageElement>().ToDictionary(NameOf, StringComparer.Ordinal);

    public static string NameOf<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    public static JobBuffer ReadBuffer(JsonValue value)
    {
        if (JsonFields.Open(value, "size, from, or both") is not { } fields)
        {
            return new JobBuffer { Size = Expression.Invalid };
        }

        var buffer = ReadBuffer(value, fields);
        fields.RefuseOthers();
        return buffer;
    }

    public static JobImage ReadImage(JsonValue value)
    {
        if (JsonFields.Open(value, "width, height and more") is not { } fields)
        {
            return new JobImage { Width = Expression.Invalid };
        }

        var image = ReadImage(fields);
        fields.RefuseOthers();
        return image;
    }

    public static JobBuffer ReadBuffer(JsonValue value, JsonFields fields)
    {
        var size = fields.Optional("size")?.Expression();
        var from = fields.Optional("from")?.Name();
        if (size is null && from is null)
        {
            value.Problems.Structure(value.Place, "must have a size, or an input to be made from, or both");
            size = Expression.Invalid;
        }

        return new JobBuffer { Size = size, From = from };
    }

    public static JobImage ReadImage(JsonFields fields)
    {
        var channels = fields.Optional("channels")?.Text(Channels.ContainsKey, OneOf(Channels.Keys));
        var element = fields.Optional("element")?.Text(Elements.ContainsKey, OneOf(Elements.Keys));
        return new JobImage
        {
            Channels = channels is null ? ImageChannels.Rgba : Channels[channels],
            Element = element is null ? ImageElement.Unorm8 : Elements[element],
            Width = fields.Required("width", "pixels in a row")?.Expression() ?? Expression.Invalid,
            Height = fields.Optional("height")?.Expression(),
            Depth = fields.Optional("depth")?.Expression(),
            From = fields.Optional("from")?.Name(),
        };
    }

    private static string OneOf(IEnumerable<string> names) => "one of " + string.Join(", ", names);
}
