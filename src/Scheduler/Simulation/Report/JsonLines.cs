using System.Buffers;
using System.Text;
using System.Text.Json;
using GpuActors.Scheduler.Simulation.Runs;

namespace GpuActors.Scheduler.Simulation.Report;

/// <summary>
/// A report as lines of JSON: one for each policy and reported level of arrived demand, or, where tasks depart, one for
/// each policy. The first fields of a line, and their order, are a contract with programs that read them.
/// </summary>
public static class JsonLines
{
    /// <summary>The lines.</summary>
    public static IEnumerable<string> Of(SimulationReport report) => report.Scale == ReportScale.Time
        ? report.Policies.Select(policy => Line(json => WriteChurn(json, policy)))
        : report.Policies.SelectMany(policy =>
            Reported(policy).Select(level => Line(json => WriteLevel(json, policy, level))));

    /// <summary>The levels of a policy that are reported.</summary>
    public static IEnumerable<LevelSpread> Reported(PolicyReport policy) =>
        policy.Levels.Where(level => LevelRecorder.ReportedLevels.Contains((int)level.At));

    private static void WriteLevel(Utf8JsonWriter json, PolicyReport policy, LevelSpread level)
    {
        json.WriteString("policy", policy.Policy);
        json.WriteNumber("arrived", (int)level.At);
        WriteCommon(json, policy, level.Allocated, level.Moves.Mean);
        json.WriteNumber("fragmented_mean", Rounded(level.Fragmented.Mean));
        json.WriteNumber("fragmented_sd", Rounded(level.Fragmented.Deviation));
        json.WriteNumber("rejected_mean", Rounded(level.Rejected.Mean));
    }

    private static void WriteChurn(Utf8JsonWriter json, PolicyReport policy)
    {
        json.WriteString("policy", policy.Policy);
        WriteCommon(json, policy, policy.Churn!.Allocated, policy.Levels[^1].Moves.Mean);
        json.WriteNumber("rejected_demand_mean", Rounded(policy.Churn.RejectedDemand.Mean));
        json.WriteNumber("moves_per_100_arrivals", Rounded(policy.Churn.MovesPer100Arrivals.Mean));
        if (policy.Waiting.Count > 0)
        {
            json.WriteStartArray("waiting");
            foreach (var figures in policy.Waiting)
            {
                WriteWaiting(json, figures);
            }

            json.WriteEndArray();
        }
    }

    private static void WriteCommon(Utf8JsonWriter json, PolicyReport policy, Spread allocated, double moves)
    {
        json.WriteNumber("allocated_mean", Rounded(allocated.Mean));
        json.WriteNumber("allocated_sd", Rounded(allocated.Deviation));
        json.WriteNumber("moves_mean", Rounded(moves));
        json.WriteNumber("seeds", policy.Seeds);
        json.WriteNumber("decisions_per_second", Math.Round(policy.DecisionsPerSecond));
    }

    private static void WriteWaiting(Utf8JsonWriter json, WaitingFigures figures)
    {
        json.WriteStartObject();
        json.WriteString("class", figures.Class);
        json.WriteNumber("tasks_mean", Rounded(figures.Tasks));
        json.WriteNumber("unplaced_mean", Rounded(figures.Unplaced));
        json.WriteNumber("wait_mean_seconds", Rounded(figures.Mean));
        json.WriteNumber("wait_p50_seconds", Rounded(figures.P50));
        json.WriteNumber("wait_p95_seconds", Rounded(figures.P95));
        json.WriteNumber("wait_p99_seconds", Rounded(figures.P99));
        json.WriteEndObject();
    }

    /// <summary>One line: an object that <paramref name="write"/> fills.</summary>
    internal static string Line(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    internal static double Rounded(double figure) => Math.Round(figure, 2);
}
