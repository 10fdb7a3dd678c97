using System.Text.Json;
using GpuActors.Shared.Jobs.Expressions;

namespace GpuActors.Shared.Jobs.Writing;

/// <summary>Writes steps.</summary>
internal static class StepWriter
{
    public static void WriteAll(Utf8JsonWriter writer, IReadOnlyList<JobStep> steps)
    {
        writer.WriteStartArray("steps");
        foreach (var step in steps)
        {
            writer.WriteStartObject();
            JobWriter.WriteOptional(writer, "comment", step.Comment);
            if (step is ReleaseStep release)
            {
                writer.WriteString(step.Kind, release.Name);
            }
            else
            {
                writer.WriteStartObject(step.Kind);
                WriteFields(writer, step);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteFields(Utf8JsonWriter writer, JobStep step)
    {
        switch (step)
        {
            case CreateStep create:
                writer.WriteString(create.Memory is JobBuffer ? "buffer" : "image", create.Name);
                MemoryWriter.WriteFields(writer, create.Memory);
                break;
            case WriteStep write:
                writer.WriteString("input", write.Input);
                writer.WriteString("to", write.Memory);
                JobWriter.WriteOptional(writer, "offset", write.Offset);
                JobWriter.WriteOptional(writer, "inputOffset", write.InputOffset);
                JobWriter.WriteOptional(writer, "size", write.Size);
                break;
            case LaunchStep launch:
                WriteLaunch(writer, launch);
                break;
            case CopyStep copy:
                writer.WriteString("from", copy.From);
                writer.WriteString("to", copy.To);
                JobWriter.WriteOptional(writer, "fromOffset", copy.FromOffset);
                JobWriter.WriteOptional(writer, "toOffset", copy.ToOffset);
                JobWriter.WriteOptional(writer, "size", copy.Size);
                break;
            case FillStep fill:
                writer.WriteString("buffer", fill.Memory);
                writer.WritePropertyName("with");
                WriteValue(writer, fill.Value);
                JobWriter.WriteOptional(writer, "offset", fill.Offset);
                JobWriter.WriteOptional(writer, "size", fill.Size);
                break;
            case ReadStep read:
                writer.WriteString("from", read.Memory);
                writer.WriteString("output", read.Output);
                JobWriter.WriteOptional(writer, "offset", read.Offset);
                JobWriter.WriteOptional(writer, "size", read.Size);
                break;
            case ClockStep clock:
                writer.WriteString("output", clock.Output);
                break;
            case RepeatStep repeat:
                JobWriter.WriteOptional(writer, "count", repeat.Count);
                JobWriter.WriteOptional(writer, "counter", repeat.Counter);
                WriteAll(writer, repeat.Steps);
                break;
            default:
                throw new InvalidOperationException($"A step of type {step.GetType().Name} cannot be written.");
        }
    }

    private static void WriteLaunch(Utf8JsonWriter writer, LaunchStep launch)
    {
        JobWriter.WriteOptional(writer, "program", launch.Program);
        writer.WriteString("kernel", launch.Kernel);
        WriteRange(writer, "global", launch.Global);
        WriteRange(writer, "local", launch.Local);
        WriteRange(writer, "offset", launch.Offset);
        if (launch.Arguments.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("args");
        foreach (var argument in launch.Arguments)
        {
            WriteArgument(writer, argument);
        }

        writer.WriteEndArray();
    }

    private static void WriteRange(Utf8JsonWriter writer, string name, IReadOnlyList<Expression>? sizes)
    {
        if (sizes is null)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var size in sizes)
        {
            JobWriter.WriteExpression(writer, size);
        }

        writer.WriteEndArray();
    }

    private static void WriteArgument(Utf8JsonWriter writer, JobArgument argument)
    {
        switch (argument)
        {
            case MemoryArgument memory:
                writer.WriteStringValue(memory.Memory);
                break;
            case LocalArgument local:
                writer.WriteStartObject();
                JobWriter.WriteOptional(writer, "local", local.Size);
                writer.WriteEndObject();
                break;
            case ValueArgument value:
                WriteValue(writer, value.Value);
                break;
            default:
                throw new InvalidOperationException(
                    $"An argument of type {argument.GetType().Name} cannot be written.");
        }
    }

    private static void WriteValue(Utf8JsonWriter writer, JobValue value)
    {
        writer.WriteStartObject();
        writer.WritePropertyName(value.Type.Name);
        if (value.Type.Width == 1)
        {
            JobWriter.WriteExpression(writer, value.Components[0]);
        }
        else
        {
            writer.WriteStartArray();
            foreach (var component in value.Components)
            {
                JobWriter.WriteExpression(writer, component);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
