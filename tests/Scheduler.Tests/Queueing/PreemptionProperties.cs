using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Queueing.Preemption;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;
using static GpuActors.Scheduler.Tests.Queueing.QueueWorld;

namespace GpuActors.Scheduler.Tests.Queueing;

/// <summary>Who is made to leave, and for whom.</summary>
public sealed class PreemptionProperties
{
    private static readonly QueueSpec[] Queues =
    [
        new() { Name = "a", Quota = Gpus(3), Borrow = true },
        new() { Name = "b", Quota = Gpus(2) },
    ];

    [Fact]
    public void No_more_leave_than_need_to_and_nobody_whom_nothing_obliges() =>
        Prop.ForAll(Gen.Choose(0, 1 << 24).ListOf(50).ToArbitrary(), moves =>
        {
            QueueWorld world = null!;
            world = new QueueWorld(3, 2, queues: Queues)
            {
                Preempts = true,
                Planned = (plan, claimant) => Check(world, plan, claimant),
            };
            foreach (var (move, i) in moves.Select((m, i) => (m, i)))
            {
                if (move % 5 == 0)
                {
                    world.Pass(move / 5 % 30);
                }

                world.Submit(SessionOf(move / 5, i), 20 + (move / 9 % 80));
            }

            world.Pass(1_000_000);
            world.Queue.Count.ShouldBe(0);
            world.Queue.Kept.ShouldBeEmpty();
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public void A_scavenger_always_yields_within_its_grace() =>
        Prop.ForAll(Gen.Choose(0, 1 << 24).ListOf(20).ToArbitrary(), numbers =>
        {
            var world = new QueueWorld(2, 2) { Preempts = true };
            foreach (var (number, i) in numbers.Select((n, i) => (n, i)))
            {
                world.Submit(
                    Session(
                        $"scavenger{i}", 20 + (10 * (number % 9)), priority: 100, jobClass: JobClass.Scavenger,
                        graceSeconds: number / 9 % 10, limitSeconds: 10_000),
                    10_000);
            }

            for (var i = 0; i < 4; i++)
            {
                world.Submit(Session($"normal{i}", priority: -100, tenant: $"n{i}"), 10_000);
            }

            world.Pass(10);
            world.Running.ShouldBe(["normal0", "normal1", "normal2", "normal3"], ignoreOrder: true);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public void The_cheapest_leave_the_lowest_priority_then_the_least_work_lost_then_the_fewest_GPUs()
    {
        var world = Full(("p2", 2, 30), ("p1-old", 1, 20), ("p1-young", 1, 10), ("p1-older", 1, 25));
        world.Submit(Session("claim", priority: 5));
        world.Plans.Single().Victims.Select(v => v.Session.Session).ShouldBe(["p1-young"]);
        world.Plans[0].Victims[0].Sentence(world.Plans[0].For)
            .ShouldBe("Preempted for claim: which has priority 5, and this one 1.");
        world.Queue.ReasonOf("claim")!.ShouldContain("others make room for it");
    }

    [Fact]
    public void Two_small_ones_stay_if_one_larger_one_is_cheaper()
    {
        var world = new QueueWorld(1, 1) { Preempts = true };
        world.Submit(Session("small1", 25, preemptible: true)).Submit(Session("small2", 25, preemptible: true));
        world.Pass(30);
        world.Submit(Session("large", 50, preemptible: true));
        world.Submit(Session("claim", 50, priority: 1));
        world.Plans.Single().Victims.Select(v => v.Session.Session).ShouldBe(["large"]);
    }

    [Fact]
    public void What_was_borrowed_is_given_back_to_its_owner_whatever_the_priority()
    {
        var world = new QueueWorld(1, 4, queues: Queues) { Preempts = true };
        for (var i = 0; i < 4; i++)
        {
            world.Submit(Session($"a{i}", queue: "a", tenant: "ta", priority: 50), 1000);
            world.Pass(1);
        }

        world.Submit(Session("b0", queue: "b", tenant: "tb")).Submit(Session("b1", queue: "b", tenant: "tb"));
        world.Pass(10);
        world.Running.ShouldBe(["a0", "a1", "a2", "b0"], ignoreOrder: true);
        world.Plans.Count.ShouldBe(1, "a keeps its quota of 3");
        world.Plans[0].Victims[0].Sentence(world.Plans[0].For).ShouldBe(
            "Preempted for a job of another tenant: whose queue b takes back the quota that queue a has borrowed.");
    }

    [Fact]
    public void Equals_and_those_who_do_not_say_so_are_not_preempted()
    {
        var world = new QueueWorld(1, 2) { Preempts = true };
        world.Submit(Session("silent", priority: -5), 1000).Submit(Session("equal", priority: 3, preemptible: true), 1000);
        world.Submit(Session("claim", priority: 3));
        world.Pass(50);
        world.Plans.ShouldBeEmpty();
    }

    private static QueueWorld Full(params (string Id, int Priority, int AgeSeconds)[] running)
    {
        var world = new QueueWorld(1, running.Length) { Preempts = true };
        foreach (var (id, priority, age) in running.OrderByDescending(r => r.AgeSeconds))
        {
            world.Pass(running.Max(r => r.AgeSeconds) - age - (int)(world.Now - Start).TotalSeconds);
            world.Submit(Session(id, priority: priority, preemptible: true), 1000);
        }

        return world;
    }

    private static void Check(QueueWorld world, PreemptionPlan plan, Candidate claimant)
    {
        foreach (var (victim, ground) in plan.Victims)
        {
            var others = plan.Victims.Select(v => v.Session.Session).Where(id => id != victim.Session).ToHashSet();
            plan.Devices.ShouldContain(
                name => !world.Pool.Fit.SurelyServes(
                    claimant.Unit.Members[0].Request,
                    world.Pool.Find(name)!.FreeWithout(session => others.Contains(session.Session))),
                "without it there is too little room");
            var terms = victim.Terms;
            (terms.Class == JobClass.Scavenger
                || (terms.Priority < claimant.Unit.Priority && terms.Preemptible == true)
                || (ground == PreemptionGround.Borrowed && terms.Preemptible != false && IsOver(world, terms.Queue))).ShouldBeTrue();
        }

        claimant.Unit.Class.ShouldBe(JobClass.Normal);
        foreach (var queue in plan.Victims.Where(v => v.Ground == PreemptionGround.Borrowed).GroupBy(v => v.Session.Terms.Queue))
        {
            Used(world, claimant.Leaf.Parent!.Name).ShouldBeLessThanOrEqualTo(3000 - MilliOf(claimant.Unit.Demand));
            if (queue.Key != "default")
            {
                var left = Used(world, queue.Key) - queue.Sum(v => v.Session.Slices.Sum(s => s.ComputePercent * 10L));
                var largest = queue.Max(v => v.Session.Slices.Sum(s => s.ComputePercent * 10L));
                (left + largest).ShouldBeGreaterThan(QuotaOf(queue.Key), "nothing of its own quota is taken");
            }
        }
    }

    private static long MilliOf(ResourceVector demand) => demand.GpuMilli;

    private static bool IsOver(QueueWorld world, string queue) => Used(world, queue) > QuotaOf(queue);

    private static long QuotaOf(string queue) => queue switch { "a" => 3000, "b" => 2000, _ => 0 };

    private static long Used(QueueWorld world, string queue) => world.Pool.Running.Values
        .Where(r => r.Terms.Queue == queue && r.Terms.Class == JobClass.Normal)
        .Sum(r => r.Slices.Sum(slice => slice.ComputePercent * 10L));

    private static WaitingSession SessionOf(int number, int index) => Session(
        $"s{index}",
        new[] { 100, 50, 30, 20 }[number % 4],
        priority: number / 4 % 4,
        second: index,
        tenant: $"t{number / 16 % 2}",
        queue: new[] { "a", "b", "default" }[number / 32 % 3],
        jobClass: number / 96 % 4 == 0 ? JobClass.Scavenger : JobClass.Normal,
        preemptible: (number / 384 % 3) switch { 0 => false, 1 => true, _ => null },
        graceSeconds: number / 1152 % 8);

    private static ResourceVector Gpus(int count) => ResourceVector.Unlimited with { GpuMilli = count * 1000 };
}
