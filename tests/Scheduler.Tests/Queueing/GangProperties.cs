using GpuActors.Scheduler.Queueing;
using static GpuActors.Scheduler.Tests.Queueing.QueueWorld;

namespace GpuActors.Scheduler.Tests.Queueing;

/// <summary>All members of a gang run, or none holds anything.</summary>
public sealed class GangProperties
{
    [Fact]
    public void A_gang_is_never_placed_in_part() =>
        Prop.ForAll(Gen.Choose(0, 1 << 24).ListOf(40).ToArbitrary(), moves =>
        {
            var world = new QueueWorld(2, 3) { Preempts = true, Changed = Check };
            foreach (var (move, i) in moves.Select((m, i) => (m, i)))
            {
                Move(world, move, i);
            }

            world.Pass(100_000);
            world.Running.ShouldBeEmpty();
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(50));

    [Fact]
    public void A_gang_waits_for_its_last_member_and_keeps_nobody_waiting_meanwhile()
    {
        var world = new QueueWorld(1, 2);
        var gang = new GangTicket("g", 2);
        world.Submit(Session("g1", gang: gang, priority: 9));
        world.Queue.ReasonOf("g1").ShouldBe("waits: 1 of 2 members of gang g are here");
        world.Submit(Session("x"));
        world.Submit(Session("g2", gang: gang));
        world.Running.ShouldBe(["x"], "one GPU is free, and the gang takes two");
        world.End("x");
        world.Running.ShouldBe(["g1", "g2"], ignoreOrder: true);
    }

    [Fact]
    public void A_gang_that_a_member_leaves_waits_for_another()
    {
        var world = new QueueWorld(1, 2);
        var gang = new GangTicket("g", 2);
        world.Submit(Session("x"));
        world.Submit(Session("g1", gang: gang)).Submit(Session("g2", gang: gang));
        world.Queue.Remove("g1").ShouldBeTrue();
        world.End("x");
        world.Running.ShouldBeEmpty();
        world.Submit(Session("g3", gang: gang));
        world.Running.ShouldBe(["g2", "g3"], ignoreOrder: true);
    }

    private static void Move(QueueWorld world, int move, int index)
    {
        var size = 2 + (move / 5 % 3);
        switch (move % 5)
        {
            case 0:
                world.Pass(move / 5 % 80);
                break;
            case 1:
                world.Submit(Session($"s{index}", 40, priority: move / 5 % 4, second: index, preemptible: true), 60);
                break;
            default:
                for (var member = 0; member < size; member++)
                {
                    world.Submit(
                        Session(
                            $"g{index}-{size}-{member}", move / 15 % 2 == 0 ? 100 : 60, second: index,
                            priority: move / 30 % 3, gang: new GangTicket($"g{index}", size)),
                        60);
                }

                break;
        }
    }

    /// <summary>All members run for as long as each other, so all are there or none is.</summary>
    private static void Check(QueueWorld world)
    {
        foreach (var gang in world.Running.Where(session => session[0] == 'g').GroupBy(session => session.Split('-')[0]))
        {
            var size = int.Parse(gang.First().Split('-')[1]);
            if (gang.Count() != size)
            {
                gang.ShouldAllBe(session => world.StartedAt[session].AddSeconds(60) == world.Now, "they are leaving");
            }
        }
    }
}
