using System.Globalization;
using System.Text;

namespace GpuActors.Scheduler.Simulation.Report;

/// <summary>A report as CSV: a line for each policy at every level, or around every time, that had events.</summary>
public static class CsvReport
{
    /// <summary>The text, with a header line.</summary>
    public static string Render(SimulationReport report)
    {
        var at = report.Scale == ReportScale.Time ? "time" : "arrived_percent";
        var text = new StringBuilder(
            $"policy,{at},allocated_mean,allocated_sd,fragmented_mean,fragmented_sd,rejected_mean,moves_mean,seeds\n");
        foreach (var policy in report.Policies)
        {
            foreach (var level in policy.Levels)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{policy.Policy},{level.At:0.###},{level.Allocated.Mean:0.0000},");
                text.Append(CultureInfo.InvariantCulture, $"{level.Allocated.Deviation:0.0000},");
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{level.Fragmented.Mean:0.0000},{level.Fragmented.Deviation:0.0000},{level.Rejected.Mean:0.##},");
                text.Append(CultureInfo.InvariantCulture, $"{level.Moves.Mean:0.##},{level.Allocated.Count}\n");
            }
        }

        return text.ToString();
    }
}
