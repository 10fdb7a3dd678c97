using System.Text.Json;
using GpuActors.Shared.Jobs.Reading;

namespace GpuActors.Shared.Jobs.Writing;

/// <summary>Writes buffers and images.</summary>
internal static class MemoryWriter
{
    public static void WriteBuffer(Utf8JsonWriter writer, JobBuffer buffer)
    {
        writer.WriteStartObject();
        WriteFields(writer, buffer);
        writer.WriteEndObject();
    }

    public static void WriteImage(Utf8JsonWriter writer, JobImage image)
    {
        writer.WriteStartObject();
        WriteFields(writer, image);
        writer.WriteEndObject();
    }

    /// <summary>The fields alone, for the step that makes it.</summary>
    public static void WriteFields(Utf8JsonWriter writer, JobMemory memory)
    {
        if (memory is JobBuffer buffer)
        {
            JobWriter.WriteOptional(writer, "size", buffer.Size);
            JobWriter.WriteOptional(writer, "from", buffer.From);
            return;
        }

        var image = (JobImage)memory;
        if (image.Channels != ImageChannels.Rgba)
        {
            writer.WriteString("channels", MemoryReader.NameOf(image.Channels));
        }

        if (image.Element != ImageElement.Unorm8)
        {
            writer.WriteString("element", MemoryReader.NameOf(image.Element));
        }

        JobWriter.WriteOptional(writer, "width", image.Width);
        JobWriter.WriteOptional(writer, "height", image.Height);
        JobWriter.WriteOptional(writer, "depth", image.Depth);
        JobWriter.WriteOptional(writer, "from", image.From);
    }
}
