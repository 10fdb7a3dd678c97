using GpuActors.Actors;
using GpuActors.Scheduler.Hosts;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Flow;

public sealed class HostUsageTests : SchedulerActors
{
    [Fact]
    public void The_newest_report_counts()
    {
        var host = AddHost("a");
        host.Report(Usage("a/0/s1", "t/1", kernels: 5), Usage("a/0/s2", "u/1"));
        host.Report(Usage("a/0/s1", "t/1", kernels: 6));

        var usage = Read("a").ShouldHaveSingleItem();
        usage.Kernels.ShouldBe(6);
        Board().ShouldBe([usage]);
    }

    [Fact]
    public void A_report_is_gone_when_it_is_not_repeated()
    {
        var host = AddHost("a");
        host.Report(Usage("a/0/s1", "t/1"));
        Pass(TimeSpan.FromSeconds(9), host);
        Read("a").ShouldHaveSingleItem();

        Pass(TimeSpan.FromSeconds(2), host);

        Read("a").ShouldBeEmpty();
        Board().ShouldBeEmpty();
    }

    [Fact]
    public void A_report_is_gone_with_the_worker_s_process_and_with_its_lease()
    {
        var host = AddHost("a");
        host.Report(Usage("a/0/s1", "t/1"));
        host.Register(incarnation: Guid.NewGuid());
        Read("a").ShouldBeEmpty();

        host.Report(Usage("a/0/s1", "t/1"));
        Read("a").ShouldHaveSingleItem();
        Kit.Probe.Send(Regions.Hosts, host.Leaving);
        Kit.Advance(TimeSpan.Zero);

        Read("a").ShouldBeEmpty();
        Regions.HostBoard.CountStates()[HostState.Down].ShouldBe(1);
    }

    [Fact]
    public void Reports_of_another_process_or_about_others_are_not_taken()
    {
        var host = AddHost("a");
        host.Report(Guid.NewGuid(), Usage("a/0/s1", "t/1"));
        Read("a").ShouldBeEmpty();

        host.Report(Usage("b/0/s1", "t/1"), Usage("a/0/s1", "t/1") with { Tenant = "u" }, Usage("a/0/s2", "t/2"));

        Read("a").ShouldHaveSingleItem().Session.ShouldBe("t/2");
    }

    [Fact]
    public void The_board_follows_a_host_s_state()
    {
        var host = AddHost("a");
        AddHost("b");
        Regions.HostBoard.CountStates()[HostState.Up].ShouldBe(2);

        Pass(WholeLease, host);

        Regions.HostBoard.CountStates().ShouldBe(
            new Dictionary<HostState, int> { [HostState.Up] = 1, [HostState.Down] = 1 }, ignoreOrder: true);
    }

    private SliceUsage[] Read(string host)
    {
        Kit.Advance(TimeSpan.Zero);
        return Kit.Await(Regions.Hosts.Ask<HostUsage>(new GetHostUsage(host))).Slices;
    }

    private IReadOnlyList<SliceUsage> Board() => Regions.HostBoard.ReadUsage(Kit.Runtime.Time.GetUtcNow());

    private static SliceUsage Usage(string slice, string session, long kernels = 1) => new(
        slice, session, session.Split('/')[0], 1, TimeSpan.FromSeconds(1), TimeSpan.Zero, TimeSpan.Zero, kernels, 0, 0, 0, 0);
}
