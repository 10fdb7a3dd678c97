using System.Globalization;
using System.Text.Json;
using GpuActors.Shared.Jobs.Reading;

namespace GpuActors.Shared.Jobs.Writing;

/// <summary>Writes where a job may run, and what it takes of its host.</summary>
internal static class PlacementWriter
{
    public static void WriteHost(Utf8JsonWriter writer, HostRequest host)
    {
        if (host == HostRequest.None)
        {
            return;
        }

        writer.WriteStartObject("host");
        if (host.CpuMilli > 0)
        {
            writer.WritePropertyName("cpu");
            writer.WriteRawValue((host.CpuMilli / 1000m).ToString("0.###", CultureInfo.InvariantCulture));
        }

        if (host.MemoryBytes > 0)
        {
            writer.WriteNumber("memory", host.MemoryBytes);
        }

        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, JobPlacement placement)
    {
        if (placement.IsAnywhere)
        {
            return;
        }

        writer.WriteStartObject("placement");
        WriteTerms(writer, PlacementReader.Must, placement.Must);
        WriteTerms(writer, PlacementReader.Should, placement.Should);
        writer.WriteEndObject();
    }

    public static void WriteModels(Utf8JsonWriter writer, GpuRequest gpu)
    {
        if (gpu.Model == GpuRequest.AnyModel)
        {
            return;
        }

        var patterns = gpu.ModelPatterns();
        if (patterns.Length == 1)
        {
            writer.WriteString("model", patterns[0]);
            return;
        }

        writer.WriteStartArray("model");
        Array.ForEach(patterns, writer.WriteStringValue);
        writer.WriteEndArray();
    }

    public static void WriteTopology(Utf8JsonWriter writer, GpuTopology topology)
    {
        if (topology != GpuTopology.Host)
        {
            writer.WriteString("topology", topology == GpuTopology.NvLink ? GpuReader.NvLink : GpuReader.Numa);
        }
    }

    private static void WriteTerms(Utf8JsonWriter writer, string name, IReadOnlyList<JobPlacementTerm> terms)
    {
        if (terms.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var term in terms)
        {
            writer.WriteStartObject();
            writer.WriteString(PlacementReader.NameOf(term.Kind), term.Label);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
