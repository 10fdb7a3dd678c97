using GpuActors.Actors;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Cells;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Flow;

/// <summary>A pool of two cells: jobs, losses and preemption across them, and a number of cells that changes.</summary>
public sealed class CellsFlowTests : SchedulerActors
{
    private const string OneCell = "gpuactors.scheduler.placement.cells = 1";
    private const string TwoCells = "gpuactors.scheduler.placement.cells = 2";
    private const string Scavenger = "\"class\": \"scavenger\", \"grace\": 0,";

    private static readonly PoolCells Two = new("default", 2);

    private protected override string[] Overrides => [TwoCells];

    [Fact]
    public void Jobs_fill_the_hosts_of_all_cells_and_are_refused_only_by_all()
    {
        var (first, second) = (AddHost(HostOf(0)), AddHost(HostOf(1)));
        Submit("j1");
        Submit("j2");
        string[] hosts = [ExpectState("j1", JobState.Placed).Slices[0].Host, ExpectState("j2", JobState.Placed).Slices[0].Host];
        hosts.Order().ShouldBe(new[] { first.Name, second.Name }.Order());
        Submit("j3");
        Status("j3").Reason.ShouldBe("No room: 2 GPU(s) in use, and a whole one is asked for.");

        var freed = second.ExpectStart();
        second.End(freed, AttemptResult.Completed);
        second.ExpectStart(freed.Epoch).Session.ShouldBe(Session("j3"));
    }

    [Fact]
    public void What_only_one_cell_has_is_found_there()
    {
        AddHost(HostOf(0));
        AddHost(HostOf(1), gpus: 2);
        Submit("j", gpu: "\"whole\": true, \"count\": 2").Status.State.ShouldBe(JobState.Queued);
        ExpectState("j", JobState.Placed).Slices.Select(slice => slice.Host).Distinct().ShouldBe([HostOf(1)]);
    }

    [Fact]
    public void A_session_that_comes_to_another_cell_has_a_higher_epoch_there()
    {
        var first = AddHost(HostOf(0));
        var last = 0L;
        for (var i = 0; i < 3; i++)
        {
            Submit($"before{i}");
            var before = first.ExpectStart(last);
            first.End(before, AttemptResult.Completed);
            last = before.Epoch;
        }

        Submit("j");
        var lost = first.ExpectStart(last);
        first.Started(lost);
        ExpectState("j", JobState.Running);
        var second = AddHost(HostOf(1));
        Pass(WholeLease, second);
        var again = second.ExpectStart(lost.Epoch);
        again.Epoch.ShouldBeGreaterThan(lost.Epoch);
        (again.Epoch % PoolCells.Limit).ShouldBe(1);
        second.End(again, AttemptResult.Completed);
        ExpectState("j", JobState.Completed);
        OwnedSlices().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_session_that_got_slices_of_two_cells_gives_one_back(long after)
    {
        HostProbe[] hosts = [AddHost(HostOf(0)), AddHost(HostOf(1))];
        Submit("j");
        var placed = ExpectState("j", JobState.Placed);
        var other = Two.NameOf(1 - Two.NumberOfHost(placed.Slices[0].Host));
        var request = new ReserveSlices(Session("j"), new GpuRequest { Whole = true }, [], After: after * placed.Epoch);
        Kit.Await(Regions.Cells.Ask<Reserved>(new ShardingEnvelope(other, request)));
        OwnedSlices().Length.ShouldBe(2);

        Pass(TimeSpan.FromSeconds(61), hosts); // cells ask now and then whether what they hold is wanted
        var left = OwnedSlices().ShouldHaveSingleItem();
        (left.Epoch, left.Slice.Host).ShouldBe((placed.Epoch, placed.Slices[0].Host));
        ExpectState("j", JobState.Placed).Attempt.ShouldBe(1);
    }

    [Fact]
    public void Nobody_begins_before_it_is_written_where()
    {
        var host = AddHost(HostOf(1));
        WhileWritesFail("session.placed.v1", () =>
        {
            Submit("j");
            Kit.Advance(TimeSpan.FromSeconds(5));
            host.Probe.HasMessages.ShouldBeFalse("another cell might be the one in the end");
        });
        Kit.Advance(TimeSpan.FromSeconds(61));
        host.ExpectStart().Session.ShouldBe(Session("j"));
    }

    [Fact]
    public void Who_others_leave_for_goes_to_the_cell_that_they_leave()
    {
        var hosts = new[] { AddHost(HostOf(0)), AddHost(HostOf(1)) };
        Submit("s1", Scavenger);
        Submit("s2", Scavenger);
        foreach (var host in hosts)
        {
            host.Started(host.ExpectStart());
        }

        Submit("normal");
        Kit.Advance(TimeSpan.Zero);
        var left = hosts.Single(host => host.Probe.HasMessages);
        var stop = left.Probe.FishForMessage<StopAttempt>(_ => true);
        var leaving = new StartAttempt(left.Name, stop.Session, Tenant, stop.Epoch, [], default, default);
        left.End(leaving, AttemptResult.Stopped);
        left.ExpectStart(stop.Epoch).Session.ShouldBe(Session("normal"));
        hosts.ShouldContain(host => host != left && !host.Probe.HasMessages);
    }

    [Fact]
    public async Task A_host_goes_to_its_cell_when_it_registers_anew_and_what_it_runs_ends_in_the_old_one()
    {
        await RestartAsync(OneCell);
        var host = AddHost(HostOf(1), gpus: 2);
        Submit("j");
        var runs = host.ExpectStart();
        host.Started(runs);
        ExpectState("j", JobState.Running);

        await RestartAsync(TwoCells);
        host = host.MoveTo(Kit, Regions, new HeldAttempt(runs.Session, runs.Epoch));
        Submit("new");
        Pass(TimeSpan.FromSeconds(65), host);
        ExpectState("new", JobState.Queued);
        Status("j").Attempt.ShouldBe(1);
        host.End(runs, AttemptResult.Completed);
        ExpectState("j", JobState.Completed);
        OwnedSlices().ShouldBeEmpty();
        Pass(TimeSpan.FromSeconds(5), host);
        ExpectState("new", JobState.Queued);

        host.Register(incarnation: Guid.NewGuid());
        var start = host.ExpectStart(runs.Epoch);
        start.Session.ShouldBe(Session("new"));
        OwnedSlicesOf(Two.NameOf(1)).ShouldHaveSingleItem().Epoch.ShouldBe(start.Epoch);
        start.Slices[0].HostLease.ShouldBeGreaterThan(runs.Slices[0].HostLease);
    }

    [Fact]
    public async Task What_ran_on_a_host_that_moved_with_it_is_released_in_the_old_cell_and_runs_again()
    {
        await RestartAsync(OneCell);
        var host = AddHost(HostOf(1));
        Submit("j");
        var runs = host.ExpectStart();
        host.Started(runs);
        ExpectState("j", JobState.Running);

        await RestartAsync(TwoCells);
        host = host.MoveTo(Kit, Regions, new HeldAttempt(runs.Session, runs.Epoch));
        host.Register(incarnation: Guid.NewGuid());
        var again = host.ExpectStart(runs.Epoch);
        again.Session.ShouldBe(Session("j"));
        OwnedSlicesOf(Two.NameOf(0)).ShouldBeEmpty();
        OwnedSlicesOf(Two.NameOf(1)).ShouldHaveSingleItem().Epoch.ShouldBe(again.Epoch);
    }

    [Fact]
    public async Task Of_a_cell_that_there_is_no_more_slices_come_back_and_hosts_go_to_those_that_are_left()
    {
        var host = AddHost(HostOf(1));
        Submit("j");
        var runs = host.ExpectStart();
        host.Started(runs);
        ExpectState("j", JobState.Running);

        await RestartAsync(OneCell);
        host = host.MoveTo(Kit, Regions, new HeldAttempt(runs.Session, runs.Epoch));
        Submit("new");
        Pass(TimeSpan.FromSeconds(5), host);
        ExpectState("new", JobState.Queued);
        host.End(runs, AttemptResult.Completed);
        OwnedSlicesOf(Two.NameOf(1)).ShouldBeEmpty();
        host.Register(incarnation: Guid.NewGuid());
        host.ExpectStart(runs.Epoch).Session.ShouldBe(Session("new"));
    }

    [Fact]
    public void A_cell_does_not_take_a_host_that_belongs_to_another()
    {
        var host = AddHost(HostOf(1));
        Submit("probe");
        var lease = host.ExpectStart().Slices[0].HostLease;
        Regions.TellCell(Two.NameOf(0), host.Up(lease), host.Probe.Ref);
        var request = new ReserveSlices("t/x", new GpuRequest { Whole = true }, []);
        var answer = Kit.Await(Regions.Cells.Ask<NoRoom>(new ShardingEnvelope(Two.NameOf(0), request)));
        answer.Reason.ShouldBe("No room: 1 host(s) not available.");
    }

    /// <summary>All that a cell's journal says is given out, also on hosts that it has not heard of since its start.</summary>
    private OwnedSlice[] OwnedSlicesOf(string cell)
    {
        Kit.Advance(TimeSpan.Zero);
        var inventory = Inventory(cell);
        return [.. inventory.Devices.SelectMany(device => device.Slices).Concat(inventory.Elsewhere ?? [])];
    }

    private static string HostOf(int cell) =>
        Enumerable.Range(0, 100).Select(i => $"h{i}").First(host => Two.NumberOfHost(host) == cell);
}
