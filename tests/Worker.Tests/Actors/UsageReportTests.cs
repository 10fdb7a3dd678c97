using GpuActors.Actors;
using GpuActors.Actors.TestKit;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Actors;
using GpuActors.Worker.Tests.Metrics;

namespace GpuActors.Worker.Tests.Actors;

/// <summary>A worker's actor on virtual time, with a probe in the place of its scheduler.</summary>
public sealed class UsageReportTests : IDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);

    private readonly TestKit _kit = new();
    private readonly KnownUsage _usage = new();
    private readonly WorkerIdentity _identity = new("gpu-a", Guid.NewGuid(), Guid.NewGuid(), "1");
    private readonly TestProbe _twin;
    private readonly IActorRef _worker;

    public UsageReportTests()
    {
        _twin = _kit.CreateTestProbe();
        _twin.IgnoreMessages(message => message is RegisterWorker or RenewLease);
        var settings = new WorkerActorSettings(
            [_kit.Sys.Provider.Address.ToString()], TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2),
            TimeSpan.FromSeconds(10), 64, MaxSlicesReported: 2);
        _worker = _kit.ActorOf(WorkerActors.Props(_identity, settings, [], new NoRunner(), _ => { }, null, _usage));
    }

    public void Dispose() => _kit.Dispose();

    [Fact]
    public void Use_is_reported_each_second_while_sessions_run_and_once_when_the_last_has_ended()
    {
        _usage.Slices = [KnownUsage.Of("gpu-a/0/s1", "acme/1", 5)];
        Register();

        var first = _twin.ExpectMsg<ReportUsage>(TimeSpan.FromSeconds(2));
        (first.Host, first.Incarnation).ShouldBe(("gpu-a", _identity.Incarnation));
        first.Slices.ShouldBe(_usage.Slices);
        _twin.ExpectMsg<ReportUsage>(TimeSpan.FromSeconds(1.5));

        _usage.Slices = [];
        _twin.ExpectMsg<ReportUsage>(TimeSpan.FromSeconds(1.5)).Slices.ShouldBeEmpty();
        _twin.ExpectNoMsg(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_worker_without_sessions_reports_nothing()
    {
        Register();

        _twin.ExpectNoMsg(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_report_tells_of_no_more_slices_than_fit_a_message()
    {
        _usage.Slices = [.. Enumerable.Range(1, 5).Select(i => KnownUsage.Of($"gpu-a/0/s{i}", $"acme/{i}"))];
        Register();

        _twin.ExpectMsg<ReportUsage>(TimeSpan.FromSeconds(2)).Slices.Length.ShouldBe(2);
    }

    [Fact]
    public void Health_follows_the_lease()
    {
        Health().Status.ShouldBe(HealthState.Starting);
        Register();
        Health().Status.ShouldBe(HealthState.Ok);

        _kit.Advance(Lease);

        var health = Health();
        health.Status.ShouldBe(HealthState.Failing);
        health.Detail.ShouldNotBeNull().ShouldContain("lease has ended");
    }

    private void Register() => _twin.Send(
        _worker, new WorkerRegistered("gpu-a", _identity.Incarnation, TimeSpan.Zero, Lease, "http://blobs", 1));

    private Health Health()
    {
        _kit.Advance(TimeSpan.Zero);
        return _kit.Await(_worker.Ask<Health>(new GetHealth()));
    }

    private sealed class NoRunner : IAttemptRunner
    {
        public Task<AttemptOutcome> RunAsync(
            StartAttempt attempt, IAttemptObserver observer, CancellationToken stop) =>
            throw new NotSupportedException();
    }
}
