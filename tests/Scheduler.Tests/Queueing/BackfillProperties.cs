using static GpuActors.Scheduler.Tests.Queueing.QueueWorld;

namespace GpuActors.Scheduler.Tests.Queueing;

/// <summary>Others pass the head where that does not delay it.</summary>
public sealed class BackfillProperties
{
    [Fact]
    public void The_head_begins_by_the_time_that_was_reserved_for_it() =>
        Prop.ForAll(Gen.Choose(0, 1 << 24).ListOf(60).ToArbitrary(), moves =>
        {
            var promised = new Dictionary<string, DateTimeOffset>();
            var world = new QueueWorld(2, 2)
            {
                Changed = world =>
                {
                    if (world.Queue.Head is { } head && world.Queue.HeadReservation?.Until is { } until)
                    {
                        promised.TryAdd(head.Id, until);
                    }
                },
            };
            foreach (var (move, i) in moves.Select((m, i) => (m, i)))
            {
                if (move % 4 == 0)
                {
                    world.Pass(move / 4 % 40);
                }

                // All of one tenant and priority: who is head stays so.
                var limit = 10 + (move / 16 % 90);
                world.Submit(
                    Session($"s{i}", new[] { 100, 80, 40, 15 }[move / 4 % 4], second: i, limitSeconds: limit),
                    1 + (move / 64 % limit));
            }

            world.Pass(100_000);
            promised.ShouldAllBe(promise => world.StartedAt[promise.Key] <= promise.Value);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public void Who_is_over_in_time_may_use_what_is_reserved_and_who_is_not_may_not()
    {
        var world = new QueueWorld(1, 1);
        world.Submit(Session("runs", 50, limitSeconds: 100));
        world.Submit(Session("head", 100, second: 1));
        world.Submit(Session("long", 30, second: 2, limitSeconds: 101), 1);
        world.Submit(Session("short", 30, second: 3, limitSeconds: 100));
        world.Running.ShouldBe(["runs", "short"]);
        world.Pass(100);
        world.Running.ShouldBe(["head"]);
        world.Pass(100);
        world.Running.ShouldBe(["long"]);
    }

    [Fact]
    public void Who_runs_long_goes_where_nothing_is_reserved()
    {
        var world = new QueueWorld(1, 2);
        world.Submit(Session("soon", 80, limitSeconds: 50)).Submit(Session("later", 80, limitSeconds: 500));
        world.Submit(Session("head", 100, second: 1));
        world.Submit(Session("long", 20, second: 2, limitSeconds: 1000), 1000);
        world.Queue.HeadReservation!.Devices.ShouldBe(["h0/0"]);
        world.Pool.Running["long"].Slices[0].GpuIndex.ShouldBe(1);
        world.Pass(100);
        world.StartedAt["head"].ShouldBe(Start.AddSeconds(100), "soon has run for longer than it said");
    }

    [Fact]
    public void Where_somebody_may_stay_for_ever_nothing_is_promised_and_the_head_is_passed_a_limited_number_of_times()
    {
        var world = new QueueWorld(1, 1, new() { PassLimit = 4 });
        world.Submit(Session("endless", 10, limitSeconds: null), 1000);
        world.Submit(Session("head", 100, second: 1));
        for (var i = 0; i < 9; i++)
        {
            world.Submit(Session($"s{i}", 10, second: 2 + i, limitSeconds: 1000), 1000);
        }

        world.Queue.HeadReservation.ShouldBeNull();
        world.Running.Count().ShouldBe(5);
        world.Queue.ReasonOf("s8").ShouldBe("waits behind head.");
    }
}
