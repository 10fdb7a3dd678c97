using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs.Expressions;
using GpuActors.Shared.Jobs.Reading;
using GpuActors.Shared.Jobs.Values;

namespace GpuActors.Shared.Jobs.Writing;

/// <summary>
/// Writes a document as JSON in one fixed way: fields in a fixed order, names in ordinal order, defaults left out. The
/// content hash stands on this: a change here changes the hash of documents, so that clients' retries would conflict.
/// </summary>
internal static class JobWriter
{
    public static void Write(Utf8JsonWriter writer, JobDocument document, bool withIdentity)
    {
        writer.WriteStartObject();
        if (withIdentity)
        {
            writer.WriteString("id", document.Id);
            WriteOptional(writer, "tenant", document.Tenant);
        }

        WriteOptional(writer, "comment", document.Comment);
        WriteGpu(writer, document.Gpu);
        PlacementWriter.WriteHost(writer, document.Host);
        PlacementWriter.Write(writer, document.Placement);
        WriteMap(writer, "constants", document.Constants, WriteExpression);
        WriteMap(writer, "programs", document.Programs, WriteProgram);
        WriteMap(writer, "inputs", document.Inputs, WriteInput);
        WriteMap(writer, "buffers", document.Buffers, MemoryWriter.WriteBuffer);
        WriteMap(writer, "images", document.Images, MemoryWriter.WriteImage);
        if (document.Interactive is { } terms)
        {
            WriteInteractive(writer, terms);
        }

        if (document.Interactive is null || document.Steps.Count > 0)
        {
            StepWriter.WriteAll(writer, document.Steps);
        }

        WriteMap(writer, "outputs", document.Outputs, WriteOutput);
        WriteLimits(writer, document);
        WriteMap(writer, "labels", document.Labels, (w, text) => w.WriteStringValue(text));
        writer.WriteEndObject();
    }

    public static void WriteExpression(Utf8JsonWriter writer, Expression expression)
    {
        if (expression.PlainInteger is { } integer)
        {
            writer.WriteNumberValue(integer);
        }
        else if (expression.IsPlainReal)
        {
            writer.WriteRawValue(expression.Text);
        }
        else
        {
            writer.WriteStringValue(expression.Text);
        }
    }

    public static void WriteOptional(Utf8JsonWriter writer, string name, Expression? expression)
    {
        if (expression is not null)
        {
            writer.WritePropertyName(name);
            WriteExpression(writer, expression);
        }
    }

    public static void WriteOptional(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    private static void WriteMap<T>(
        Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, T> map, Action<Utf8JsonWriter, T> write)
    {
        if (map.Count == 0)
        {
            return;
        }

        writer.WriteStartObject(name);
        foreach (var (key, value) in map.OrderBy(member => member.Key, StringComparer.Ordinal))
        {
            writer.WritePropertyName(key);
            write(writer, value);
        }

        writer.WriteEndObject();
    }

    private static void WriteGpu(Utf8JsonWriter writer, GpuRequest gpu)
    {
        writer.WriteStartObject("gpu");
        if (gpu.Whole)
        {
            writer.WriteBoolean("whole", true);
        }

        if (gpu.Function)
        {
            writer.WriteBoolean("function", true);
        }

        WriteOptional(writer, "profile", gpu.Profile);
        if (gpu.MemoryBytes is { } bytes)
        {
            writer.WriteNumber("memory", bytes);
        }
        else if (gpu.MemoryPercent is { } percent)
        {
            writer.WriteString("memory", $"{(decimal)percent:0.######}%");
        }

        if (gpu.ComputePercent is { } compute)
        {
            writer.WriteString("compute", $"{compute}%");
        }

        WriteOptional(writer, "shares", gpu.Shares == ShareLevel.Normal ? null : gpu.Shares.ToString().ToLowerInvariant());
        if (gpu.ComputeLimitPercent != 100)
        {
            writer.WriteString("computeLimit", $"{gpu.ComputeLimitPercent}%");
        }

        if (gpu.Count != 1)
        {
            writer.WriteNumber("count", gpu.Count);
        }

        PlacementWriter.WriteModels(writer, gpu);
        PlacementWriter.WriteTopology(writer, gpu.Topology);
        WriteOptional(writer, "vendor", gpu.Vendor);
        if (gpu.DeviceMemoryBytes > 0)
        {
            writer.WriteNumber("deviceMemory", gpu.DeviceMemoryBytes);
        }

        WriteOptional(writer, "computeCapability", gpu.ComputeCapability?.ToString(2));
        WriteOptional(writer, "driver", gpu.Driver);
        if (gpu.Rdma)
        {
            writer.WriteBoolean("rdma", true);
        }

        if (gpu.NumaNode is { } node)
        {
            writer.WriteNumber("numa", node);
        }

        WriteOptional(writer, "pool", gpu.Pool == GpuRequest.DefaultPool ? null : gpu.Pool);
        writer.WriteEndObject();
    }

    private static void WriteProgram(Utf8JsonWriter writer, JobProgram program)
    {
        writer.WriteStartObject();
        writer.WriteString("source", program.Source);
        WriteOptional(writer, "options", program.Options.Length == 0 ? null : program.Options);
        writer.WriteEndObject();
    }

    private static void WriteInput(Utf8JsonWriter writer, JobInput input)
    {
        writer.WriteStartObject();
        if (input is BlobInput blob)
        {
            writer.WriteString("blob", blob.Sha256);
            if (blob.Size is { } size)
            {
                writer.WriteNumber("size", size);
            }
        }
        else
        {
            WriteInline(writer, (InlineInput)input);
        }

        writer.WriteEndObject();
    }

    private static void WriteInline(Utf8JsonWriter writer, InlineInput input)
    {
        switch (input.Form)
        {
            case InlineForm.Text:
                writer.WriteString("text", Encoding.UTF8.GetString(input.Data.Span));
                break;
            case InlineForm.Base64:
                writer.WriteBase64String("base64", input.Data.Span);
                break;
            default:
                var type = new OpenClType(input.Element!.Value);
                writer.WriteStartArray(type.Name);
                for (var i = 0; i < input.Data.Length; i += type.ComponentBytes)
                {
                    ValueEncoding.WriteJson(type.Scalar, input.Data.Span.Slice(i, type.ComponentBytes), writer);
                }

                writer.WriteEndArray();
                break;
        }
    }

    private static void WriteOutput(Utf8JsonWriter writer, JobOutput output)
    {
        writer.WriteStartObject();
        WriteOptional(
            writer, "contentType", output.ContentType == JobOutput.DefaultContentType ? null : output.ContentType);
        WriteOptional(writer, "element", output.Element?.Name);
        if (output.MaxSizeBytes != JobLimits.MemoryBytes)
        {
            writer.WriteNumber("maxSize", output.MaxSizeBytes);
        }

        writer.WriteEndObject();
    }

    private static void WriteInteractive(Utf8JsonWriter writer, InteractiveTerms terms)
    {
        writer.WriteStartObject(InteractiveReader.Name);
        if (terms.Lease is not { } lease)
        {
            writer.WriteNull(InteractiveReader.Lease);
        }
        else if (lease != InteractiveTerms.DefaultLease)
        {
            writer.WriteString(InteractiveReader.Lease, Amounts.FormatTime(lease));
        }

        if (terms.IdleLimit != InteractiveTerms.DefaultIdleLimit)
        {
            writer.WriteString(InteractiveReader.IdleLimit, Amounts.FormatTime(terms.IdleLimit));
        }

        writer.WriteEndObject();
    }

    private static void WriteLimits(Utf8JsonWriter writer, JobDocument document)
    {
        if (document.TimeLimit is { } limit)
        {
            writer.WriteString("timeLimit", Amounts.FormatTime(limit));
        }

        if (document.Retries != JobLimits.DefaultRetries)
        {
            writer.WriteNumber("retries", document.Retries);
        }

        if (document.Priority != 0)
        {
            writer.WriteNumber("priority", document.Priority);
        }

        WriteOptional(writer, "queue", document.Queue);
        WriteOptional(writer, "class", document.Class == JobClass.Normal ? null : ClassReader.Scavenger);
        if (document.Deadline is { } deadline)
        {
            writer.WriteStartObject("deadline");
            WriteOptional(writer, "startBy", deadline.StartBy);
            WriteOptional(writer, "endBy", deadline.EndBy);
            writer.WriteEndObject();
        }

        if (document.Preemptible is { } preemptible)
        {
            writer.WriteBoolean("preemptible", preemptible);
        }

        if (document.Grace is { } grace)
        {
            writer.WriteString("grace", Amounts.FormatTime(grace));
        }
    }

    private static void WriteOptional(Utf8JsonWriter writer, string name, JobMoment? moment)
    {
        if (moment is { } given)
        {
            writer.WriteString(name, given.At is { } at
                ? at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture)
                : Amounts.FormatTime(given.After ?? TimeSpan.Zero));
        }
    }
}
