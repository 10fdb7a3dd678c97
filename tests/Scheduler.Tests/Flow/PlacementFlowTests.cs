using GpuActors.Actors;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Scheduler.Placement;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Flow;

/// <summary>What documents say of hosts and neighbours, from their submission to the decision, and over restarts.</summary>
public sealed class PlacementFlowTests : SchedulerActors
{
    private const string Quarter = "\"compute\": \"25%\"";
    private const long Gib = 1L << 30;

    /// <summary>Nobody passes one who is kept waiting by others.</summary>
    private protected override string[] Overrides => ["gpuactors.scheduler.queues.pass-limit = 1"];

    [Fact]
    public void A_job_waits_for_the_CPU_that_another_on_another_GPU_of_the_host_gives_back()
    {
        var host = AddHost("a", gpus: 2, machine: Machine(8, "r1"));
        Submit("big", Cpu(6), Quarter);
        var big = host.ExpectStart();
        Submit("filler", "", Quarter);
        var filler = host.ExpectStart(big.Epoch);
        filler.Slices[0].GpuIndex.ShouldBe(big.Slices[0].GpuIndex);
        Submit("bigger", Cpu(7), "\"compute\": \"80%\"");
        Status("bigger").Reason.ShouldNotBeNull().ShouldContain("1 host(s) with too little CPU free now");
        host.End(big, AttemptResult.Completed);
        var bigger = host.ExpectStart(filler.Epoch);
        bigger.Session.ShouldBe(Session("bigger"));
        bigger.Slices[0].GpuIndex.ShouldNotBe(big.Slices[0].GpuIndex);
    }

    [Fact]
    public void Two_that_differ_only_in_where_they_must_go_do_not_wait_for_each_other()
    {
        AddHost("a", machine: Machine(8, "r1"));
        Submit("elsewhere", Must("{ \"host\": \"rack=r2\" }"), Quarter);
        Status("elsewhere").Reason.ShouldBe("No room: 1 host(s) without rack=r2 (must host rack=r2).");
        Submit("here", Must("{ \"host\": \"rack=r1\" }"), Quarter);
        ExpectState("here", JobState.Placed);
        var second = AddHost("b", machine: Machine(8, "r2"));
        second.ExpectStart().Session.ShouldBe(Session("elsewhere"));
    }

    [Fact]
    public void A_job_comes_to_be_beside_another_as_soon_as_that_is_there()
    {
        var first = AddHost("a", machine: Machine(8, "r1"));
        var second = AddHost("b", machine: Machine(8, "r1"));
        Submit("cache", Must("{ \"beside\": \"app=db\" }"), Quarter);
        Status("cache").Reason.ShouldNotBeNull().ShouldContain("2 host(s) where a job with app=db does not run");
        Submit("stranger", "", Quarter);
        ExpectState("cache", JobState.Queued);
        Submit("db", "\"labels\": { \"app\": \"db\" }, " + Must("{ \"notBeside\": \"job=stranger\" }"), Quarter);
        var stranger = first.ExpectStart();
        second.ExpectStart().Session.ShouldBe(Session("db"));
        second.ExpectStart(stranger.Epoch + 1).Session.ShouldBe(Session("cache"));
    }

    [Fact]
    public void A_job_that_only_waits_for_its_own_to_end_keeps_nobody_waiting_and_comes_when_they_have()
    {
        var host = AddHost("a", machine: Machine(8, "r1"));
        const string apart = "\"labels\": { \"app\": \"web\" }, \"placement\": { \"must\": [{ \"notBeside\": \"app=web\" }] },";
        Submit("web1", apart, Quarter);
        var web = host.ExpectStart();
        Submit("web2", apart, Quarter);
        Status("web2").Reason.ShouldNotBeNull().ShouldContain("anti-affinity");
        for (var i = 0; i < 3; i++)
        {
            Submit($"younger{i}", "", "\"compute\": \"20%\"");
            ExpectState($"younger{i}", JobState.Placed);
        }

        host.End(web, AttemptResult.Completed);
        host.ExpectStart(web.Epoch + 3).Session.ShouldBe(Session("web2"));
    }

    [Fact]
    public async Task What_was_taken_and_who_is_there_is_known_after_a_restart()
    {
        var host = AddHost("a", machine: Machine(8, "r1"));
        Submit("big", Cpu(6, "\"labels\": { \"app\": \"db\" },"), Quarter);
        var big = host.ExpectStart();
        host.Started(big);
        ExpectState("big", JobState.Running);
        await RestartAsync();

        host = host.MoveTo(Kit, Regions, new HeldAttempt(big.Session, big.Epoch));
        Use().CpuFreeMilli.ShouldBe(2000);
        Submit("bigger", Cpu(3), Quarter);
        Status("bigger").Reason.ShouldNotBeNull().ShouldContain("too little CPU free now");
        Submit("beside", Must("{ \"beside\": \"app=db\" }"), Quarter);
        ExpectState("beside", JobState.Placed);
        host.End(big, AttemptResult.Completed);
        ExpectState("bigger", JobState.Placed);
        Use().CpuFreeMilli.ShouldBe(5000);
    }

    private HostUse Use()
    {
        Kit.Advance(TimeSpan.Zero);
        return Kit.Await(Regions.Cells.Ask<CellInventory>(new ShardingEnvelope(Regions.Pool, new GetCellInventory())))
            .Hosts.ShouldNotBeNull().Single();
    }

    private static HostInventory Machine(int cores, string rack) => new(1000 * cores, 32 * Gib, rack, []);

    private static string Cpu(int cores, string more = "") => $"{more} \"host\": {{ \"cpu\": {cores} }},";

    private static string Must(string term) => $"\"placement\": {{ \"must\": [{term}] }},";
}
