using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;
using static GpuActors.Scheduler.Tests.Queueing.QueueWorld;

namespace GpuActors.Scheduler.Tests.Queueing;

/// <summary>Quotas hold, counted by what sessions hold and not by what the queue believes.</summary>
public sealed class QuotaProperties
{
    private static readonly QueueSpec[] Queues =
    [
        new() { Name = "org", Quota = Gpus(6) },
        new() { Name = "strict", Parent = "org", Quota = Gpus(2) },
        new() { Name = "bold", Parent = "org", Quota = Gpus(2), Borrow = true, Limit = Gpus(5) },
        new() { Name = "free", Borrow = true, Quota = Gpus(1), Tenants = new TenantLimits(3, int.MaxValue, 2000) },
    ];

    [Fact]
    public void Quotas_are_never_exceeded_but_by_what_was_declared_as_borrowing() =>
        Prop.ForAll(Gen.Choose(0, 1 << 24).ListOf(60).ToArbitrary(), moves =>
        {
            var world = new QueueWorld(4, 2, queues: Queues) { Preempts = moves[0] % 2 == 0, Changed = Check };
            foreach (var (move, i) in moves.Select((m, i) => (m, i)))
            {
                if (move % 3 == 0)
                {
                    world.Pass(move / 3 % 60);
                }
                else
                {
                    world.Submit(SessionOf(move / 3, i), 1 + (move / 7 % 100));
                }
            }

            world.Pass(100_000);
            world.Running.ShouldBeEmpty();
            world.Queue.Count.ShouldBe(0, "everybody has been served");
            world.Quotas.Queues.ShouldAllBe(queue => queue.Used.IsZero && queue.Running == 0 && queue.Waiting == 0);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(50));

    [Fact]
    public void A_job_that_must_not_be_preempted_does_not_borrow()
    {
        var world = new QueueWorld(4, 2, queues: Queues);
        world.Submit(Session("a", queue: "bold")).Submit(Session("b", queue: "bold"));
        world.Submit(Session("c", queue: "bold", preemptible: false)).Submit(Session("d", queue: "bold"));
        world.Running.ShouldBe(["a", "b", "d"], ignoreOrder: true);
        world.Queue.ReasonOf("c")!.ShouldContain("can't borrow");
    }

    [Fact]
    public void Scavengers_count_for_no_quota_and_no_share()
    {
        var world = new QueueWorld(4, 2, queues: Queues);
        for (var i = 0; i < 4; i++)
        {
            world.Submit(Session($"s{i}", queue: "strict", jobClass: JobClass.Scavenger));
        }

        world.Submit(Session("a", queue: "strict")).Submit(Session("b", queue: "strict"));
        world.Running.Count().ShouldBe(6);
        world.Quotas.LeafOf("strict", "t").Share.ShouldBe(2.0 / 8);
    }

    [Fact]
    public void Queues_in_a_circle_are_refused() =>
        Should.Throw<ArgumentException>(() => new QuotaTree(
            [new() { Name = "a", Parent = "b" }, new() { Name = "b", Parent = "a" }]))
            .Message.ShouldContain("is below itself");

    private static void Check(QueueWorld world)
    {
        foreach (var leaf in world.Quotas.Tenants)
        {
            CheckShortForm(world.Quotas, leaf);
        }

        long Uses(Func<string, bool> queue, string? tenant = null) => world.Pool.Running.Values
            .Where(r => r.Terms.Class == JobClass.Normal && queue(r.Terms.Queue) && (tenant ?? r.Terms.Tenant) == r.Terms.Tenant)
            .Sum(r => r.Slices.Sum(slice => slice.ComputePercent * 10L));

        Uses(q => q is "org" or "strict" or "bold").ShouldBeLessThanOrEqualTo(6000);
        Uses(q => q == "strict").ShouldBeLessThanOrEqualTo(2000);
        Uses(q => q == "bold").ShouldBeLessThanOrEqualTo(5000);
        for (var tenant = 0; tenant < 3; tenant++)
        {
            Uses(q => q == "free", $"t{tenant}").ShouldBeLessThanOrEqualTo(2000);
            world.Pool.Running.Values.Count(r => r.Terms.Queue == "free" && r.Terms.Tenant == $"t{tenant}")
                .ShouldBeLessThanOrEqualTo(3);
        }
    }

    /// <summary>What is worked out once for a tenant is what asking queue by queue says.</summary>
    private static void CheckShortForm(QuotaTree quotas, QuotaNode leaf)
    {
        foreach (var milli in new[] { 1, 250, 1000 })
        {
            foreach (var mayBorrow in new[] { true, false })
            {
                var demand = new ResourceVector(milli, 0);
                var verdict = quotas.Check(leaf, demand, JobClass.Normal, mayBorrow);
                quotas.Admits(leaf, demand, JobClass.Normal, mayBorrow, 1, out var borrows).ShouldBe(verdict.Admits);
                (verdict.Admits && borrows).ShouldBe(verdict.Admits && verdict.Borrows);
            }
        }
    }

    private static WaitingSession SessionOf(int number, int index) => Session(
        $"s{index}",
        new[] { 100, 50, 30, 25 }[number % 4],
        priority: number / 4 % 3,
        second: index,
        tenant: $"t{number / 12 % 3}",
        queue: new[] { "org", "strict", "bold", "free", "default" }[number / 36 % 5],
        jobClass: number / 180 % 5 == 0 ? JobClass.Scavenger : JobClass.Normal,
        preemptible: (number / 900 % 4) switch { 0 => false, 1 => true, _ => null },
        graceSeconds: number / 3600 % 9);

    private static ResourceVector Gpus(int count) => ResourceVector.Unlimited with { GpuMilli = count * 1000 };
}
