namespace GpuActors.Simulation;

public sealed class ChaosTests
{
    private static readonly ChaosSettings Short = new() { Chaos = TimeSpan.FromMinutes(1) };

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        var first = ChaosRun.Run(3, Short);
        var second = ChaosRun.Run(3, Short);
        (second.TraceHash, second.Events, second.Violation).ShouldBe((first.TraceHash, first.Events, first.Violation));
        ChaosRun.Run(4, Short).TraceHash.ShouldNotBe(first.TraceHash);
    }

    [Fact]
    public void Reading_the_trace_does_not_change_the_run()
    {
        var lines = new List<string>();
        ChaosRun.Run(5, Short, lines.Add).TraceHash.ShouldBe(ChaosRun.Run(5, Short).TraceHash);
        lines.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_run_does_work_under_faults()
    {
        var result = ChaosRun.Run(1, Short);
        result.Events.ShouldBeGreaterThan(1000, result.Tally);
    }

    [Theory]
    [InlineData(nameof(PlantedBug.SkipsEpochCheck), "a write under an old epoch took effect")]
    [InlineData(nameof(PlantedBug.AcknowledgesBeforeCommit), "an accepted job is in the journal")]
    [InlineData(nameof(PlantedBug.ForgetsToSelfFence), "slices taken back while their attempt runs")]
    public void A_planted_bug_is_found_within_200_seeds(string bug, string expected)
    {
        var settings = Short with { Bug = Enum.Parse<PlantedBug>(bug), RestLimit = TimeSpan.Zero };
        var found = Enumerable.Range(1, 200)
            .Select(seed => ChaosRun.Run(seed, settings).Violation)
            .FirstOrDefault(violation => violation?.StartsWith(expected, StringComparison.Ordinal) == true);
        found.ShouldNotBeNull();
    }
}
