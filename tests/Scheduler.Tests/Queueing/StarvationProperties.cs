using GpuActors.Scheduler.Queueing;
using static GpuActors.Scheduler.Tests.Queueing.QueueWorld;

namespace GpuActors.Scheduler.Tests.Queueing;

/// <summary>Nobody waits for ever, whoever comes later.</summary>
public sealed class StarvationProperties
{
    private static readonly QueuePolicy Policy = new() { DueAfter = 20, Patience = 2 };

    [Fact]
    public void Everybody_is_served_whatever_comes_later_and_however_important_it_is() =>
        Prop.ForAll(Gen.Choose(0, 1 << 24).ListOf(12).ToArbitrary(), Gen.Choose(0, 1 << 20).ToArbitrary(), (first, seed) =>
        {
            var world = new QueueWorld(1, 2, Policy);
            var early = first.Select((number, i) => Session(
                $"early{i}", new[] { 100, 50, 90, 20 }[number % 4], priority: -(number / 4 % 100), tenant: $"t{i % 3}")).ToArray();
            world.Submit(Session("a"), 3).Submit(Session("b"), 3);
            Array.ForEach(early, session => world.Submit(session, 3));
            var random = new Random(seed);
            for (var i = 0; i < 200; i++)
            {
                // More than there is room for, all of it more important and of tenants who have used nothing yet.
                world.Submit(
                    Session(
                        $"late{i}", new[] { 100, 30, 10 }[random.Next(3)], 100, second: 1 + i, tenant: $"new{i}", limitSeconds: 5),
                    3);
                world.Pass(1);
            }

            early.ShouldAllBe(session => world.Served.Contains(session.Session));
            var last = world.Served.FindLastIndex(session => session.StartsWith("early", StringComparison.Ordinal));
            last.ShouldBeLessThan(Policy.DueAfter + (Policy.Patience * 14) + 60, "soon after they were due");
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(20));

    [Fact]
    public void Who_is_more_important_goes_first_until_the_other_is_due()
    {
        var world = new QueueWorld(1, 1, Policy);
        world.Submit(Session("block"), 1);
        world.Submit(Session("modest", priority: 0), 1);
        for (var i = 0; i < 60; i++)
        {
            world.Submit(Session($"grand{i}", priority: 1, second: i), 1);
        }

        world.Pass(100);
        world.Served.IndexOf("modest").ShouldBe(1 + Policy.DueAfter, "20 others went before it, and then nobody any more");
    }

    [Fact]
    public void A_scavenger_that_has_waited_long_does_not_go_before_a_normal_job()
    {
        var world = new QueueWorld(1, 1, Policy);
        world.Submit(Session("block"), 1);
        world.Submit(Session("scavenger", jobClass: Shared.Jobs.JobClass.Scavenger), 1);
        for (var i = 0; i < 60; i++)
        {
            world.Submit(Session($"n{i}", second: i), 1);
        }

        world.Pass(100);
        world.Served[^1].ShouldBe("scavenger");
    }
}
