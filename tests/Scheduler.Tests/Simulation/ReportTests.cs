using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using GpuActors.Scheduler.Simulation.Report;
using GpuActors.Scheduler.Simulation.Report.Charts;
using GpuActors.Scheduler.Simulation.Runs;

namespace GpuActors.Scheduler.Tests.Simulation;

public sealed class ReportTests
{
    [Fact]
    public void A_line_of_json_has_the_fields_that_programs_rely_on_in_their_order()
    {
        var lines = JsonLines.Of(Report()).ToArray();

        lines.Length.ShouldBe(2 * 2); // levels 90 and 100, not 99
        lines[1].ShouldStartWith(
            """{"policy":"a\u003Cb","arrived":100,"allocated_mean":95.26,"allocated_sd":0.11,"moves_mean":1.5,"""
            + """ "seeds":2,"decisions_per_second":200000,""".TrimStart());
        lines.ShouldAllBe(line => JsonDocument.Parse(line, default).RootElement.ValueKind == JsonValueKind.Object);
    }

    [Fact]
    public void Csv_has_a_line_for_each_policy_and_level()
    {
        var lines = CsvReport.Render(Report()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        lines.Length.ShouldBe(1 + (2 * 3));
        lines[0].ShouldStartWith("policy,arrived_percent,allocated_mean,allocated_sd,");
        lines[3].ShouldBe("a<b,100,95.2600,0.1100,4.7000,0.0000,12,1.5,2");
    }

    [Fact]
    public void The_page_is_well_formed_and_needs_nothing_else()
    {
        var page = HtmlReport.Render(Report());
        using var text = new StringReader(page);
        using var reader = XmlReader.Create(text, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        var document = XDocument.Load(reader);

        var elements = document.Descendants().ToArray();
        elements.Count(element => element.Name.LocalName == "svg").ShouldBe(2 + 1 + 2); // lines, waiting, heat
        elements.ShouldNotContain(element => element.Name.LocalName == "script" || element.Name.LocalName == "link");
        elements.Attributes().ShouldNotContain(a => a.Name.LocalName == "src" || a.Name.LocalName == "href");
        page.Replace("http://www.w3.org/2000/svg", "").ShouldNotContain("http");
        page.ShouldContain("prefers-color-scheme: dark");
        page.ShouldContain("a&lt;b 95.26");
    }

    [Fact]
    public void Labels_at_the_ends_of_lines_do_not_lie_on_each_other()
    {
        Prop.ForAll(Gen.Choose(0, 400).ListOf(8).ToArbitrary(), wanted =>
        {
            var places = EndLabels.Spread([.. wanted.Select(w => (double)w)], 16, 10, 390);
            var order = places.Order().ToArray();
            return order.Zip(order.Skip(1)).All(pair => pair.Second - pair.First >= 16 - 1e-9)
                && order[0] >= 10 && order[^1] <= 390 + 1e-9;
        }).QuickCheckThrowOnFailure();
    }

    private static SimulationReport Report() => new()
    {
        Facts = [("Hosts", "2 & more")],
        Scale = ReportScale.ArrivedDemand,
        Policies = [Policy("a<b", 95.26), Policy("other", 91)],
    };

    private static PolicyReport Policy(string name, double allocated) => PolicyReport.Of(
    [
        Run(name, 42, allocated - 0.11),
        Run(name, 43, allocated + 0.11),
    ]);

    private static RunResult Run(string name, long seed, double allocated) => new()
    {
        Policy = name,
        Seed = seed,
        Levels =
        [
            new LevelFigures(90, 89, 5, 0, 0), new LevelFigures(99, 94, 5, 6, 1),
            new LevelFigures(100, allocated, 4.7, 12, seed - 41),
        ],
        Placed = 10,
        AllocatedMilli = 1000,
        Decisions = 10_000,
        DecisionTime = TimeSpan.FromMilliseconds(50),
        Waiting = [new WaitingFigures("share", 5, 0, 3, 2, 10, 20)],
        Heat = new HeatMap([new HeatBand("T4", 2, 4)], [0, 2, 4], [[0f], [0.5f], [1f]]),
    };
}
