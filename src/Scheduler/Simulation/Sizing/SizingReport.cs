using System.Globalization;
using GpuActors.Scheduler.Simulation.Report;
using GpuActors.Scheduler.Simulation.Runs;
using Json = GpuActors.Scheduler.Simulation.Report.JsonLines;

namespace GpuActors.Scheduler.Simulation.Sizing;

/// <summary>One answer of sizing.</summary>
/// <param name="Name">The model, or the hosts as they were given.</param>
/// <param name="GpusPerHost">GPUs of a host, on average.</param>
/// <param name="Hosts">How many hosts; null: as many as were tried are not enough.</param>
/// <param name="Answer">What all seeds saw; null if nothing was found.</param>
/// <param name="JobsPerHour">Jobs in an hour.</param>
/// <param name="LeftOut">Jobs of the workload that could not run there even if nothing else did.</param>
public sealed record SizingResult(
    string Name, double GpusPerHost, int? Hosts, SizingAnswer? Answer, double JobsPerHour, int LeftOut)
{
    /// <summary>Top-down: how many times as fast jobs may come; null: bottom-up.</summary>
    public double? Load { get; init; }

    /// <summary>Bottom-up: no more hosts than that were tried.</summary>
    public int Limit { get; init; }
}

/// <summary>Sizing as a table and as JSON.</summary>
/// <param name="results">The answers.</param>
/// <param name="goal">What was wanted.</param>
/// <param name="seeds">How many seeds.</param>
public sealed class SizingReport(IReadOnlyList<SizingResult> results, ServiceGoal goal, int seeds)
{
    /// <summary>A row for each answer.</summary>
    public TextTable Table()
    {
        var isTopDown = results.Any(result => result.Load is not null);
        var table = new TextTable(
            isTopDown ? "Hosts" : "Model",
            isTopDown ? "Load" : "Hosts",
            "Of seeds",
            "GPUs",
            "Jobs/h",
            "Mean wait",
            "p50",
            "p95",
            "Utilisation %");
        foreach (var result in results)
        {
            var answer = result.Answer;
            table.Add(
                result.Name,
                answer is null ? "-" : isTopDown ? Number(answer.Answer, "0.##") : Number(answer.Answer, "0"),
                answer?.Found is { } found ? $"{Number(found.Min, "0.##")}–{Number(found.Max, "0.##")}" : "-",
                result.Hosts is { } hosts ? Number(hosts * result.GpusPerHost, "0") : "-",
                Number(result.JobsPerHour, "0.#"),
                answer is null ? "-"
                    : $"{Durations.Text(answer.Waiting.Mean)} ± {Durations.Text(answer.Waiting.Deviation)}",
                answer is null ? "-" : Durations.Text(answer.P50.Mean),
                answer is null ? "-" : Durations.Text(answer.P95.Mean),
                answer is null ? "-" : Number(answer.Utilisation.Mean, "0.0"));
        }

        return table;
    }

    /// <summary>What the table does not say.</summary>
    public IEnumerable<string> Sentences()
    {
        var p95 = goal.P95Seconds is { } limit ? $", 95 % at most {Durations.Text(limit)}" : "";
        var mean = Durations.Text(goal.MeanSeconds);
        yield return $"Wanted: a mean wait of at most {mean}{p95}, in each of {seeds} seed(s).";
        foreach (var result in results)
        {
            if (result.LeftOut > 0)
            {
                yield return $"{result.Name}: {result.LeftOut} job(s) of the workload could not run there even if "
                    + "nothing else did, and are left out.";
            }

            if (result.Answer is null)
            {
                yield return result.Load is null
                    ? $"{result.Name}: {result.Limit} hosts (--max-hosts) are not enough."
                    : $"{result.Name}: no load at all is served like that; a job may be too large, or the wait short.";
            }
        }
    }

    /// <summary>A line of JSON for each answer.</summary>
    public IEnumerable<string> JsonLines() => results.Select(result => Json.Line(json =>
    {
        json.WriteString(result.Load is null ? "model" : "rack", result.Name);
        if (result.Hosts is { } hosts)
        {
            json.WriteNumber("hosts", hosts);
            json.WriteNumber("gpus", Math.Round(hosts * result.GpusPerHost));
        }
        else
        {
            json.WriteNull("hosts");
            json.WriteNull("gpus");
        }

        if (result.Load is { } load)
        {
            json.WriteNumber("load", Math.Round(load, 4));
        }

        json.WriteNumber("jobs_per_hour", Json.Rounded(result.JobsPerHour));
        if (result.Answer is { } answer)
        {
            Write(json, result.Load is null ? "hosts" : "load", answer.Found!.Value);
            json.WriteNumber("wait_mean_seconds", Json.Rounded(answer.Waiting.Mean));
            json.WriteNumber("wait_mean_sd", Json.Rounded(answer.Waiting.Deviation));
            json.WriteNumber("wait_p50_seconds", Json.Rounded(answer.P50.Mean));
            json.WriteNumber("wait_p95_seconds", Json.Rounded(answer.P95.Mean));
            json.WriteNumber("utilisation_mean", Json.Rounded(answer.Utilisation.Mean));
            json.WriteNumber("utilisation_sd", Json.Rounded(answer.Utilisation.Deviation));
            json.WriteNumber("jobs_mean", Json.Rounded(answer.Jobs));
        }

        json.WriteNumber("left_out", result.LeftOut);
        json.WriteNumber("seeds", seeds);
    }));

    private static void Write(System.Text.Json.Utf8JsonWriter json, string name, Spread spread)
    {
        json.WriteNumber($"{name}_mean", Math.Round(spread.Mean, 4));
        json.WriteNumber($"{name}_sd", Math.Round(spread.Deviation, 4));
        json.WriteNumber($"{name}_min", Math.Round(spread.Min, 4));
        json.WriteNumber($"{name}_max", Math.Round(spread.Max, 4));
    }

    private static string Number(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
