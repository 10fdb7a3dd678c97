using GpuActors.Scheduler.Placement;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Flow;

/// <summary>Hosts and attempts that are lost.</summary>
public sealed class LossTests : SchedulerActors
{
    private protected override string[] Overrides => ["gpuactors.scheduler.session.max-host-losses = 2"];

    [Fact]
    public void A_job_whose_host_is_lost_runs_on_another_whatever_its_retries_until_the_limit()
    {
        var hosts = new[] { AddHost("a"), AddHost("b"), AddHost("c"), AddHost("d") }.ToDictionary(h => h.Name);
        Submit("j", "\"retries\": 0,");
        var epoch = 0L;
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            var placed = ExpectState("j", JobState.Placed);
            placed.Attempt.ShouldBe(attempt);
            var host = hosts[placed.Slices.ShouldHaveSingleItem().Host];
            var start = host.ExpectStart(epoch);
            start.Epoch.ShouldBe(placed.Epoch);
            host.Started(start);
            ExpectState("j", JobState.Running);
            hosts.Remove(host.Name);
            epoch = start.Epoch;
            Pass(WholeLease, [.. hosts.Values]);
        }

        var failed = ExpectState("j", JobState.Failed);
        failed.Error.ShouldNotBeNull().Message.ShouldContain("attempt 3, the last allowed");
        failed.Error.Kind.ShouldBe("hostLost");
        OwnedSlices().ShouldBeEmpty();
    }

    [Fact]
    public void An_attempt_that_its_worker_gives_up_is_tried_again_as_often_as_the_document_says()
    {
        var host = AddHost("a");
        Submit("j", "\"retries\": 1,");
        var first = host.ExpectStart();
        host.End(first, AttemptResult.Refused);
        var second = host.ExpectStart(first.Epoch);
        second.Epoch.ShouldBeGreaterThan(first.Epoch);
        host.End(second, AttemptResult.Refused);
        ExpectState("j", JobState.Failed).Error.ShouldNotBeNull().Message.ShouldContain("attempt 2, the last allowed");
    }

    [Fact]
    public void A_late_word_that_a_host_was_lost_does_not_concern_what_it_was_given_since()
    {
        var host = AddHost("a");
        Submit("old");
        var old = host.ExpectStart();
        host.Register(incarnation: Guid.NewGuid());
        ExpectState("old", JobState.Placed).Attempt.ShouldBe(2);
        var current = host.ExpectStart(old.Epoch);
        host.Started(current);
        Regions.TellCell(
            Regions.Pool, new HostGone("a", "Kept on its way.", old.Slices[0].HostLease), host.Probe.Ref);
        ExpectState("old", JobState.Running).Attempt.ShouldBe(2);
        OwnedSlices().ShouldHaveSingleItem().Epoch.ShouldBe(current.Epoch);
        Submit("new", gpu: "\"memory\": \"1GiB\"").Status.State.ShouldBe(JobState.Queued);
        host.End(current, AttemptResult.Completed);
        host.ExpectStart(current.Epoch).Session.ShouldBe(Session("new"));
    }

    [Fact]
    public async Task A_cell_that_takes_a_lost_host_for_up_takes_one_attempt_of_a_job_at_most()
    {
        var host = AddHost("a");
        Submit("first");
        var first = host.ExpectStart();
        host.End(first, AttemptResult.Completed);
        Pass(WholeLease);
        await RestartAsync();
        Regions.TellCell(Regions.Pool, host.Up(first.Slices[0].HostLease), host.Probe.Ref);
        Submit("j");
        var waiting = ExpectState("j", JobState.Recovering);
        waiting.Attempt.ShouldBe(1);
        host.MoveTo(Kit, Regions).ExpectStart(first.Epoch).Session.ShouldBe(Session("j"));
        ExpectState("j", JobState.Placed).Attempt.ShouldBe(2);
    }

    [Fact]
    public void A_late_word_that_a_host_is_up_does_not_bring_it_back()
    {
        var host = AddHost("a");
        Submit("first");
        var first = host.ExpectStart();
        host.End(first, AttemptResult.Completed);
        Pass(WholeLease);
        Regions.TellCell(Regions.Pool, host.Up(first.Slices[0].HostLease), host.Probe.Ref);
        Submit("j");
        ExpectState("j", JobState.Queued).Attempt.ShouldBe(0);
    }

    [Fact]
    public void What_a_host_was_given_under_an_older_lease_is_lost_when_it_is_up_under_a_newer_one()
    {
        var (host, other) = (AddHost("a"), AddHost("b"));
        Submit("j");
        var onHost = ExpectState("j", JobState.Placed).Slices[0].Host == "a";
        var (lost, rescuer) = onHost ? (host, other) : (other, host);
        var start = lost.ExpectStart();
        lost.Started(start);
        Regions.TellCell(Regions.Pool, lost.Up(start.Slices[0].HostLease + 1), lost.Probe.Ref);
        rescuer.ExpectStart(start.Epoch).Session.ShouldBe(Session("j"));
        ExpectState("j", JobState.Placed).Attempt.ShouldBe(2);
    }

    [Fact]
    public void A_cell_that_knows_a_host_under_an_older_lease_only_asks_for_the_newer_one()
    {
        var host = AddHost("a");
        Submit("j");
        var lease = host.ExpectStart().Slices[0].HostLease;
        Regions.TellCell(Regions.Pool, new HostAlive("a", lease + 1), host.Probe.Ref);
        host.Probe.ExpectMsg<AnnounceHost>().Host.ShouldBe("a");
    }

    [Fact]
    public void A_late_registration_of_a_process_that_is_gone_does_not_take_the_host_from_its_successor()
    {
        var host = AddHost("a");
        var successor = host.MoveTo(Kit, Regions);
        var former = Guid.NewGuid();
        Submit("j");
        var start = successor.ExpectStart();
        successor.Started(start);
        host.Announce(incarnation: former);
        host.Probe.FishForMessage<UnknownWorker>(unknown => unknown.Incarnation == former && unknown.Challenge != 0);
        ExpectState("j", JobState.Running).Attempt.ShouldBe(1);
        successor.Renew();
        successor.End(start, AttemptResult.Completed);
        ExpectState("j", JobState.Completed);
    }

    [Fact]
    public void A_job_cancelled_when_its_placement_was_not_written_keeps_its_slices_until_its_worker_has_stopped_it()
    {
        var host = AddHost("a");
        StartAttempt begun = null!;
        WhileWritesFail("session.placed.v1", () =>
        {
            Submit("j");
            begun = host.ExpectStart();
        });
        Cancel("j").State.ShouldBe(JobState.Cancelled);
        OwnedSlices().ShouldHaveSingleItem().Epoch.ShouldBe(begun.Epoch);
        host.Probe.FishForMessage<StopAttempt>(stop => stop.Epoch == begun.Epoch);
        host.End(begun, AttemptResult.Refused);
        OwnedSlices().ShouldBeEmpty();
        ExpectState("j", JobState.Cancelled);
    }

    [Fact]
    public async Task What_an_older_attempt_reports_has_no_effect()
    {
        var (a, b) = (AddHost("a"), AddHost("b"));
        Submit("j");
        var onA = ExpectState("j", JobState.Placed).Slices[0].Host == "a";
        var (lost, other) = onA ? (a, b) : (b, a);
        var old = lost.ExpectStart();
        lost.Started(old);
        Pass(WholeLease, other);
        var current = other.ExpectStart(old.Epoch);
        other.Started(current);
        ExpectState("j", JobState.Running);

        lost.End(old, AttemptResult.Completed);
        lost.Started(old);
        Status("j").State.ShouldBe(JobState.Running);
        Status("j").Epoch.ShouldBe(current.Epoch);
        lost.Register(incarnation: Guid.NewGuid(), held: [new HeldAttempt(Session("j"), old.Epoch)]);
        lost.Probe.FishForMessage<StopAttempt>(_ => true).Epoch.ShouldBe(old.Epoch);

        other.End(current, AttemptResult.Completed);
        ExpectState("j", JobState.Completed).Epoch.ShouldBe(current.Epoch);
        (await CountEventsAsync("j", "session.completed.v1")).ShouldBe(1);
    }

    [Fact]
    public void A_new_process_on_a_host_proves_that_the_old_one_is_gone()
    {
        var host = AddHost("a");
        Submit("j");
        var old = host.ExpectStart();
        host.Started(old);
        ExpectState("j", JobState.Running);
        host.Register(incarnation: Guid.NewGuid());
        var again = host.ExpectStart(old.Epoch);
        host.End(again, AttemptResult.Completed);
        ExpectState("j", JobState.Completed).Attempt.ShouldBe(2);
    }

    [Fact]
    public void Another_machine_does_not_take_a_name_before_its_lease_has_ended()
    {
        AddHost("a");
        var stranger = new HostProbe(Kit, Regions, "a", 1, 1);
        stranger.Announce();
        stranger.Probe.ExpectMsg<RegistrationRefused>().Reason.ShouldContain("another name (worker.name)");
        Pass(WholeLease);
        stranger.Register();
    }
}
