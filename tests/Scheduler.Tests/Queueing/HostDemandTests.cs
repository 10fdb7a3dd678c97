using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Queueing.Pool;
using GpuActors.Scheduler.Queueing.Preemption;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Messages;
using static GpuActors.Scheduler.Tests.Queueing.QueueWorld;

namespace GpuActors.Scheduler.Tests.Queueing;

/// <summary>Room is room for CPU and memory of the host as well, when it is estimated and when it is made.</summary>
public sealed class HostDemandTests
{
    private readonly PoolLoad _pool = new(new GpuFit(GpuModels.BuiltIn));

    public HostDemandTests()
    {
        _pool.SetHost("h", [Gpu(0), Gpu(1)]);
        _pool.SetMachines(0, [new HostUse("h", new HostInventory(8000, 64 * Gibibyte, "", []), true, 8000, 64 * Gibibyte)]);
        Run("big", gpu: 0, cpus: 6, seconds: 300, priority: 0);
        Run("small", gpu: 0, cpus: 1, seconds: 100, priority: -1);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 100)]
    [InlineData(8, 300)]
    public void The_head_begins_when_the_host_has_the_CPU_though_a_GPU_is_idle_before(int cpus, int seconds) =>
        HeadEstimate.Of(_pool, "head", Waiting(cpus), Start, new HashSet<string>())!.Until
            .ShouldBe(Start.AddSeconds(seconds));

    [Fact]
    public void Nothing_is_reserved_where_the_host_never_has_the_CPU() =>
        HeadEstimate.Of(_pool, "head", Waiting(9), Start, new HashSet<string>()).ShouldBeNull();

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, "small")]
    [InlineData(7, "big")]
    [InlineData(8, "big small")]
    public void Whoever_has_the_CPU_leaves_though_it_is_on_another_GPU(int cpus, string? leave)
    {
        var quotas = new QuotaTree { Capacity = _pool.Capacity };
        var queue = new WaitingQueue(new QueuePolicy(), new UsageLedger(quotas), _pool);
        queue.Add(Waiting(cpus));
        queue.TryTake(Start, out var next).ShouldBeTrue();
        var claimant = new Candidate(next!.Unit, quotas.LeafOf(QueueSpec.DefaultName, "t"), false, false);
        var plan = new PreemptionPlanner(_pool, quotas).Find(
            claimant, Start, new HashSet<string> { "h/0" }, new HashSet<string>());
        (plan is null ? null : string.Join(' ', plan.Victims.Select(victim => victim.Session.Session).Order()))
            .ShouldBe(leave);
    }

    private static WaitingSession Waiting(int cpus) =>
        Session("head", priority: 10) with { HostDemand = new ResourceVector(0, 0, 1000 * cpus) };

    private void Run(string name, int gpu, int cpus, int seconds, int priority)
    {
        var slice = new SliceGrant($"h/{gpu}/{name}", "h", gpu, Gibibyte, 10, false);
        var terms = Session(name, 10, priority, preemptible: true, limitSeconds: seconds).Terms;
        _pool.Add(new RunningSession(name, 1, terms, [slice], Start)
        {
            HostTaken = new ResourceVector(0, 0, 1000 * cpus),
        });
    }
}
