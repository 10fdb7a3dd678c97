using System.Globalization;

namespace GpuActors.Scheduler.Simulation.Report;

/// <summary>The tables of a report, for the terminal and for the page.</summary>
public static class ReportTables
{
    /// <summary>The main figures: a row for each policy and reported level, or for each policy.</summary>
    public static TextTable Figures(SimulationReport report) =>
        report.Scale == ReportScale.Time ? OverTime(report) : ByLevel(report);

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
            var reported = JsonLines.Reported(policy).ToArray();
            foreach (var level in reported.Length > 0 ? reported : [.. policy.Levels.TakeLast(1)])
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

    private static string Whole(double number) => number.ToString("0", CultureInfo.InvariantCulture);
}
