using System.Globalization;
using System.Text;
using GpuActors.Scheduler.Simulation.Report.Charts;

namespace GpuActors.Scheduler.Simulation.Report;

/// <summary>
/// A report as one page that needs nothing else: style and drawings are in it, scripts there are none.
/// </summary>
public static class HtmlReport
{
    private const string StyleResource = "simulation-report.css";
    private const double InterestingFrom = 80;

    /// <summary>The page; it is well-formed XML too.</summary>
    public static string Render(SimulationReport report)
    {
        var page = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>")
            .Append("<title>Placement simulation</title><style>\n").Append(Style())
            .Append("</style></head>\n<body><main>\n")
            .Append("<h1>Placement simulation</h1>\n");
        AppendFacts(page, report);
        AppendTable(
            page,
            "Allocated GPU in percent",
            WordsOf(report),
            ReportTables.Summary(report));
        AppendLines(page, report);
        AppendWaiting(page, report);
        AppendHeat(page, report);
        return page.Append("</main></body></html>\n").ToString();
    }

    private static string WordsOf(SimulationReport report)
    {
        const string Seeds = "Means over the seeds ± their population standard deviation";
        return report.Scale == ReportScale.Time
            ? "Averages over the measured time; means over the seeds, sd is their population standard deviation."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{Seeds}; all but the allocation at {ReportTables.MainLevelOf(report):0} % of arrived demand.");
    }

    private static void AppendFacts(StringBuilder page, SimulationReport report)
    {
        page.Append("<dl>");
        foreach (var (label, value) in report.Facts)
        {
            page.Append("<div><dt>").Append(SvgWriter.Escape(label)).Append("</dt><dd>").Append(SvgWriter.Escape(value))
                .Append("</dd></div>");
        }

        page.Append("</dl>\n");
    }

    private static void AppendLines(StringBuilder page, SimulationReport report)
    {
        var last = report.Policies.SelectMany(policy => policy.Levels)
            .Select(level => level.At).DefaultIfEmpty(1).Max();
        var overTime = report.Scale == ReportScale.Time;
        var from = !overTime && last > InterestingFrom + 10 ? InterestingFrom : 0;
        var x = overTime ? "Time, mean lifetimes" : "Arrived demand, % of the cluster's GPUs";
        const string Bands = "Bands are one standard deviation of the seeds to each side.";
        AppendChart(page, overTime ? "Allocation over time" : "Allocation over arrived demand", Bands, new LineChart
        {
            Title = "Allocated GPU in percent, a line for each policy",
            XTitle = x,
            YTitle = "Allocated GPU, %",
            XMin = from,
            XMax = last,
            Series = Series(report, level => (level.Allocated.Mean, level.Allocated.Deviation)),
        });
        var use = "GPU that is free but of no use to the expected tasks: F(M) of the FGD paper. " + Bands;
        AppendChart(page, "Fragmentation", use, new LineChart
        {
            Title = "Fragmented GPU in percent, a line for each policy",
            XTitle = x,
            YTitle = "Fragmented GPU, %",
            XMin = 0,
            XMax = last,
            Series = Series(report, level => (level.Fragmented.Mean, level.Fragmented.Deviation)),
        });
    }

    private static IReadOnlyList<LineSeries> Series(
        SimulationReport report, Func<LevelSpread, (double Mean, double Deviation)> figure) =>
    [
        .. report.Policies.Select((policy, color) => new LineSeries(
            policy.Policy,
            color,
            [.. policy.Levels.Select(level => new LinePoint(level.At, figure(level).Mean, figure(level).Deviation))])),
    ];

    private static void AppendWaiting(StringBuilder page, SimulationReport report)
    {
        if (ReportTables.Waiting(report) is not { } table)
        {
            return;
        }

        page.Append("<section><h2>Waiting times</h2>\n").Append(WaitingChart.Render(
            [.. report.Policies.Select((policy, color) => (policy.Policy, color, policy.Waiting))]))
            .Append("</section>\n");
        AppendTable(page, null, "Means over the seeds of each seed's figure.", table);
    }

    private static void AppendHeat(StringBuilder page, SimulationReport report)
    {
        var shown = report.Policies.Where(policy => policy.Heat is not null).ToArray();
        if (shown.Length == 0)
        {
            return;
        }

        var x = report.Scale == ReportScale.Time ? "Time, mean lifetimes" : "Arrived demand, % of the cluster's GPUs";
        page.Append("<section><h2>The cluster over time</h2>\n<p>Each row is a band of hosts of one model, in the ")
            .Append("order of the file; the colour is the allocated part of their GPUs, with the first seed.</p>\n")
            .Append("<p class=\"scale\">empty");
        for (var step = 0; step < HeatMapChart.Steps; step++)
        {
            page.Append("<span class=\"b").Append(step).Append("\"></span>");
        }

        page.Append("full</p>\n");
        foreach (var policy in shown)
        {
            page.Append("<h3>").Append(SvgWriter.Escape(policy.Policy)).Append("</h3>\n")
                .Append(HeatMapChart.Render(policy.Heat!, $"How full the cluster was with {policy.Policy}", x))
                .Append('\n');
        }

        page.Append("</section>\n");
    }

    private static void AppendChart(StringBuilder page, string title, string words, LineChart chart) =>
        page.Append("<section><h2>").Append(SvgWriter.Escape(title)).Append("</h2>\n<p>")
            .Append(SvgWriter.Escape(words)).Append("</p>\n").Append(chart.Render()).Append("</section>\n");

    private static void AppendTable(StringBuilder page, string? title, string words, TextTable table)
    {
        page.Append("<section>");
        if (title is not null)
        {
            page.Append("<h2>").Append(SvgWriter.Escape(title)).Append("</h2>");
        }

        page.Append("\n<p>").Append(SvgWriter.Escape(words)).Append("</p>\n<div class=\"wide\"><table><thead><tr>");
        foreach (var column in table.Columns)
        {
            page.Append("<th>").Append(SvgWriter.Escape(column)).Append("</th>");
        }

        page.Append("</tr></thead><tbody>\n");
        for (var i = 0; i < table.Rows.Count; i++)
        {
            var begins = i > 0 && table.Rows[i][0] != table.Rows[i - 1][0];
            page.Append(begins ? "<tr class=\"begins\">" : "<tr>");
            foreach (var cell in table.Rows[i])
            {
                page.Append("<td>").Append(SvgWriter.Escape(cell)).Append("</td>");
            }

            page.Append("</tr>\n");
        }

        page.Append("</tbody></table></div></section>\n");
    }

    private static string Style()
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream(StyleResource)
            ?? throw new InvalidOperationException($"{StyleResource} is not part of the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
