using System.Globalization;

namespace GpuActors.Scheduler.Simulation.Report;

/// <summary>The tables of a report, for the terminal and for the page.</summary>
public static class ReportTables
{
    private const double MainLevel = 100;

    /// <summary>The main figures: a row for each policy and reported level, or for each policy.</summary>
    public static TextTable Figures(SimulationReport report) =>
        report.Scale == ReportScale.Time ? OverTime(report) : ByLevel(report);

    /// <summary>The same in a row for each policy, for a page: allocation at each level, and the rest at one of them.
    /// </summary>
    public static TextTable Summary(SimulationReport report)
    {
        if (report.Scale == ReportScale.Time)
        {
            return OverTime(report);
        }

        var levels = report.Policies.SelectMany(Shown).Select(level => level.At).Distinct().Order().ToArray();
        var main = MainLevelOf(report);
        var table = new TextTable(
        [
            "Policy",
            .. levels.Select(level => Numbers($"at {level:0} %")),
            "Fragmented %",
            "Rejected",
            "Moves",
            "Decisions/s",
        ]);
        foreach (var policy in report.Policies)
        {
            var shown = Shown(policy).ToDictionary(level => level.At);
            var atMain = shown.GetValueOrDefault(main);
            table.Add(
            [
                policy.Policy,
                .. levels.Select(level => shown.TryGetValue(level, out var at)
                    ? Numbers($"{at.Allocated.Mean:0.00} ± {at.Allocated.Deviation:0.00}") : "-"),
                atMain is null ? "-" : Numbers($"{atMain.Fragmented.Mean:0.00}"),
                atMain is null ? "-" : Whole(atMain.Rejected.Mean),
                atMain is null ? "-" : Whole(atMain.Moves.Mean),
                Whole(policy.DecisionsPerSecond),
            ]);
        }

        return table;
    }

    /// <summary>The level of all but allocation in <see cref="Summary"/>: 100 %, or the last one.</summary>
    public static double MainLevelOf(SimulationReport report)
    {
        var levels = report.Policies.SelectMany(Shown).Select(level => level.At).ToArray();
        return levels.Contains(MainLevel) ? MainLevel : levels.DefaultIfEmpty().Max();
    }

    /// <summary>Waiting times by policy and class; null if nothing waits.</summary>
    public static TextTable? Waiting(SimulationReport report)
    {
        var table = new TextTable("Policy", "Class", "Tasks", "Still waiting", "Mean", "p50", "p95", "p99");
        foreach (var policy in report.Policies)
        {
            foreach (var f in policy.Waiting)
            {
                table.Add(
                    policy.Policy,
                    f.Class,
                    Whole(f.Tasks),
                    Whole(f.Unplaced),
                    Durations.Text(f.Mean),
                    Durations.Text(f.P50),
                    Durations.Text(f.P95),
                    Durations.Text(f.P99));
            }
        }

        return table.Rows.Count == 0 ? null : table;
    }

    private static TextTable ByLevel(SimulationReport report)
    {
        var table = new TextTable(
            "Policy", "Arrived %", "Allocated %", "sd", "Fragmented %", "Rejected", "Moves", "Seeds", "Decisions/s");
        foreach (var policy in report.Policies)
        {
            foreach (var level in Shown(policy))
            {
                table.Add(
                    policy.Policy,
                    (int)level.At,
                    level.Allocated.Mean,
                    level.Allocated.Deviation,
                    level.Fragmented.Mean,
                    Whole(level.Rejected.Mean),
                    Whole(level.Moves.Mean),
                    policy.Seeds,
                    Whole(policy.DecisionsPerSecond));
            }
        }

        return table;
    }

    private static TextTable OverTime(SimulationReport report)
    {
        var table = new TextTable(
            "Policy", "Allocated %", "sd", "Demand rejected %", "Moves per 100", "Seeds", "Decisions/s");
        foreach (var policy in report.Policies.Where(policy => policy.Churn is not null))
        {
            table.Add(
                policy.Policy,
                policy.Churn!.Allocated.Mean,
                policy.Churn.Allocated.Deviation,
                policy.Churn.RejectedDemand.Mean,
                policy.Churn.MovesPer100Arrivals.Mean,
                policy.Seeds,
                Whole(policy.DecisionsPerSecond));
        }

        return table;
    }

    /// <summary>The reported levels; the last one of a run that does not get to any.</summary>
    private static IReadOnlyList<LevelSpread> Shown(PolicyReport policy) =>
        JsonLines.Reported(policy).ToArray() is { Length: > 0 } reported ? reported : [.. policy.Levels.TakeLast(1)];

    private static string Numbers(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Whole(double number) => number.ToString("0", CultureInfo.InvariantCulture);
}
