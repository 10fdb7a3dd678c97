using GpuActors.Actors.TestKit.Simulation;
using GpuActors.Simulation.Cluster;

namespace GpuActors.Simulation;

public sealed class ChaosTests
{
    private const int SeedsMax = 200;
    private static readonly ChaosSettings Short = new() { Chaos = TimeSpan.FromMinutes(1) };

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void The_same_seed_gives_the_same_run(long seed)
    {
        var first = ChaosRun.Run(seed, Short);
        var second = ChaosRun.Run(seed, Short);
        (second.TraceHash, second.Events, second.Violation).ShouldBe((first.TraceHash, first.Events, first.Violation));
        ChaosRun.Run(seed + 2, Short).TraceHash.ShouldNotBe(first.TraceHash);
    }

    [Fact]
    public void Reading_the_trace_does_not_change_the_run()
    {
        var lines = new List<string>();
        ChaosRun.Run(5, Short, lines.Add).TraceHash.ShouldBe(ChaosRun.Run(5, Short).TraceHash);
        lines.ShouldNotBeEmpty();
    }

    [Fact]
    public void The_product_keeps_its_promises()
    {
        for (var seed = 11; seed <= 16; seed++)
        {
            var result = ChaosRun.Run(seed, Short);
            result.Violation.ShouldBeNull($"seed {seed}");
            result.Events.ShouldBeGreaterThan(1000, result.Tally);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_pool_of_several_cells_keeps_its_promises(int cells)
    {
        for (var seed = 31; seed <= 34; seed++)
        {
            var result = ChaosRun.Run(seed, Short with { Cells = cells });
            result.Violation.ShouldBeNull($"seed {seed} with {cells} cells");
            result.Events.ShouldBeGreaterThan(1000, result.Tally);
        }
    }

    [Fact]
    public void A_run_that_never_ends_is_reported()
    {
        var result = ChaosRun.Run(1, Short with { StepLimit = 2000 });
        result.Violation.ShouldNotBeNull().ShouldStartWith("a run comes to rest: it did not within 2000 steps");
    }

    [Theory]
    [InlineData(nameof(PlantedBug.SkipsEpochCheck), 21, 1, "a write under an old epoch took effect")]
    [InlineData(nameof(PlantedBug.AcknowledgesBeforeCommit), 1, 1, "an accepted job is in the journal")]
    [InlineData(nameof(PlantedBug.ForgetsToSelfFence), 1, 2, "slices taken back while their attempt runs")]
    public void A_planted_bug_is_found(string bug, int firstSeed, int minutes, string expected)
    {
        var settings = new ChaosSettings
        {
            Bug = Enum.Parse<PlantedBug>(bug),
            Chaos = TimeSpan.FromMinutes(minutes), // a worker's lease alone takes a third of one
            RestLimit = TimeSpan.Zero,
        };
        var found = Enumerable.Range(firstSeed, SeedsMax)
            .Select(seed => ChaosRun.Run(seed, settings).Violation)
            .FirstOrDefault(violation => violation?.StartsWith(expected, StringComparison.Ordinal) == true);
        found.ShouldNotBeNull();
    }

    [Fact]
    public void A_scheduler_that_was_replaced_while_it_stood_still_ends_when_it_goes_on()
    {
        var world = new SimulatedWorld(1);
        var cluster = new SimulatedCluster(world, nodes: 1, PlantedBug.None);
        var scheduler = cluster.Schedulers[0];
        scheduler.Start();
        world.Runtime.RunUntil(() => scheduler.Serves, TimeSpan.FromSeconds(30)).ShouldBeTrue();
        var old = scheduler.Process!;
        scheduler.Replace(goesOnAfter: TimeSpan.FromSeconds(10), killedAfter: TimeSpan.FromHours(1));
        world.Runtime.RunUntil(() => old.IsDead, TimeSpan.FromSeconds(30)).ShouldBeTrue("the old process ends");
        scheduler.Process.ShouldNotBe(old);
        world.Runtime.Advance(TimeSpan.FromSeconds(10));
        scheduler.Serves.ShouldBeTrue();
    }
}
