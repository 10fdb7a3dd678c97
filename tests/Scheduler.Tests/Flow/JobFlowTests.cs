using GpuActors.Actors;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Scheduler.Placement;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Flow;

/// <summary>A job's way through queue, cell, session and host.</summary>
public sealed class JobFlowTests : SchedulerActors
{
    private protected override string[] Overrides =>
        ["gpuactors.scheduler.session { default-time-limit = 90s, max-time-limit = 1h }"];

    [Fact]
    public async Task An_end_that_is_reported_twice_counts_once_and_is_acknowledged_twice()
    {
        var host = AddHost("a");
        Submit("j");
        var start = host.ExpectStart();
        host.Started(start);
        host.End(start, AttemptResult.Completed);
        host.End(start, AttemptResult.Completed);
        host.End(start, AttemptResult.Failed);

        ExpectState("j", JobState.Completed).Attempt.ShouldBe(1);
        (await CountEventsAsync("j", "session.completed.v1")).ShouldBe(1);
        (await CountEventsAsync("j", "session.failed.v1")).ShouldBe(0);
        OwnedSlices().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_audit_finds_events_by_tenant_and_by_host()
    {
        var host = AddHost("a");
        Submit("j");
        host.End(host.ExpectStart(), AttemptResult.Completed);
        ExpectState("j", JobState.Completed);

        (await ManifestsTaggedAsync("tenant:" + Tenant)).ShouldBe(["session.accepted.v1", "session.completed.v1"]);
        (await ManifestsTaggedAsync("host:a")).ShouldBe(["host.registered.v1", "session.placed.v1"]);
        (await ManifestsTaggedAsync("host:b")).ShouldBeEmpty();
    }

    [Fact]
    public void A_start_is_sent_again_until_it_is_answered()
    {
        var host = AddHost("a");
        Submit("j");
        var start = host.ExpectStart();
        host.Probe.FishForMessage<StartAttempt>(again => again.Epoch == start.Epoch);
        host.Started(start);
        ExpectState("j", JobState.Running);
        Pass(TimeSpan.FromSeconds(5), host);
        host.Probe.HasMessages.ShouldBeFalse();
    }

    [Fact]
    public void An_attempt_may_run_as_long_as_its_document_or_else_the_settings_say()
    {
        var host = AddHost("a", gpus: 2);
        Submit("short", "\"timeLimit\": \"5s\",");
        host.ExpectStart().TimeLimit.ShouldBe(TimeSpan.FromSeconds(5));
        Submit("silent");
        host.Probe.FishForMessage<StartAttempt>(start => start.Session == Session("silent"))
            .TimeLimit.ShouldBe(TimeSpan.FromSeconds(90));
    }

    [Fact]
    public void A_job_that_is_cancelled_while_it_waits_is_never_placed()
    {
        Submit("j");
        Cancel("j").State.ShouldBe(JobState.Cancelled);
        Regions.Waiting.Count.ShouldBe(0);
        var host = AddHost("a");
        Pass(TimeSpan.FromMinutes(1), host);
        host.Probe.HasMessages.ShouldBeFalse();
        OwnedSlices().ShouldBeEmpty();
        Status("j").Attempt.ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_job_that_is_cancelled_keeps_its_slice_until_its_worker_has_stopped_it(bool running)
    {
        var host = AddHost("a");
        Submit("j");
        Submit("next");
        var start = host.ExpectStart();
        if (running)
        {
            host.Started(start);
            ExpectState("j", JobState.Running);
        }

        Cancel("j").State.ShouldBe(JobState.Cancelled);
        host.Probe.FishForMessage<StopAttempt>(stop => stop.Epoch == start.Epoch);
        host.Probe.FishForMessage<StopAttempt>(stop => stop.Epoch == start.Epoch);
        OwnedSlices().ShouldHaveSingleItem().Session.ShouldBe(Session("j"));
        Status("next").State.ShouldBe(JobState.Queued);

        host.End(start, AttemptResult.Completed);
        ExpectState("j", JobState.Cancelled).Outputs.ShouldBeEmpty();
        host.ExpectStart(start.Epoch).Session.ShouldBe(Session("next"));
    }

    [Fact]
    public void Jobs_that_find_no_room_say_why_and_follow_in_their_order()
    {
        var host = AddHost("a");
        foreach (var id in new[] { "one", "two", "three" })
        {
            Submit(id);
            Kit.Advance(TimeSpan.FromSeconds(1));
        }

        ExpectState("one", JobState.Placed);
        Status("two").Reason.ShouldNotBeNull().ShouldContain("a whole one is asked for");
        Regions.Waiting.Count.ShouldBe(2);
        var epoch = 0L;
        foreach (var id in new[] { "one", "two", "three" })
        {
            var start = host.ExpectStart(epoch);
            start.Session.ShouldBe(Session(id));
            host.End(start, AttemptResult.Completed);
            epoch = start.Epoch;
        }

        Regions.Waiting.Count.ShouldBe(0);
    }

    [Fact]
    public void A_host_is_given_no_more_sessions_than_it_has_slots()
    {
        var host = AddHost("a", gpus: 2, slots: 2);
        foreach (var id in new[] { "one", "two", "three" })
        {
            Submit(id, gpu: "\"compute\": \"1%\"");
        }

        var start = host.ExpectStart();
        host.ExpectStart(start.Epoch);
        Status("three").Reason.ShouldNotBeNull().ShouldContain("worker.slots");
        OwnedSlices().Length.ShouldBe(2);
        host.End(start, AttemptResult.Completed);
        ExpectState("three", JobState.Placed);
    }

    [Fact]
    public async Task A_running_job_goes_on_over_a_restart_of_the_scheduler()
    {
        var host = AddHost("a");
        Submit("runs");
        Submit("waits");
        var start = host.ExpectStart();
        host.Started(start);
        ExpectState("runs", JobState.Running);
        Pass(TimeSpan.FromSeconds(1), host);

        await RestartAsync();
        OwnedSlices().ShouldBeEmpty("no host has registered, so no device is known");
        Status("runs").State.ShouldBe(JobState.Running);
        var again = host.MoveTo(Kit, Regions, new HeldAttempt(start.Session, start.Epoch));
        OwnedSlices().ShouldHaveSingleItem().Epoch.ShouldBe(start.Epoch);
        Pass(TimeSpan.FromSeconds(20), again);
        again.Probe.HasMessages.ShouldBeFalse();

        again.End(start, AttemptResult.Completed);
        ExpectState("runs", JobState.Completed).Attempt.ShouldBe(1);
        again.ExpectStart(start.Epoch).Session.ShouldBe(Session("waits"));
    }

    [Fact]
    public async Task A_job_whose_host_does_not_come_back_after_a_restart_runs_on_another()
    {
        var host = AddHost("a");
        Submit("j");
        var start = host.ExpectStart();
        host.Started(start);
        ExpectState("j", JobState.Running);

        await RestartAsync();
        var other = AddHost("b");
        Status("j").State.ShouldBe(JobState.Placed, "the start of a moment ago was not written down yet");
        Pass(WholeLease, other);
        other.End(other.ExpectStart(start.Epoch), AttemptResult.Completed);
        ExpectState("j", JobState.Completed).Attempt.ShouldBe(2);
    }

    [Fact]
    public async Task A_reservation_that_nobody_wants_any_more_is_given_back_after_a_restart()
    {
        var host = AddHost("a");
        Submit("j", gpu: "\"whole\": true, \"model\": \"H100\"");
        Cancel("j");
        var request = new ReserveSlices(Session("j"), new GpuRequest { Whole = true }, []);
        Kit.Await(Regions.Cells.Ask<Reserved>(new ShardingEnvelope(Regions.Pool, request)));
        OwnedSlices().Length.ShouldBe(1);

        await RestartAsync();
        var moved = host.MoveTo(Kit, Regions);
        Kit.Advance(Settings.Session.ResendInterval); // whether it runs there only the worker can say
        var stop = moved.Probe.FishForMessage<StopAttempt>(_ => true);
        moved.Refuse(stop);
        OwnedSlices().ShouldBeEmpty();
    }
}
