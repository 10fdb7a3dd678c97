using System.Text.Json;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Sessions;

public sealed class SessionRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_second_completion_changes_nothing()
    {
        var done = Running(1).Apply(SessionRules.Ended(Running(1), End(1, AttemptResult.Completed), new LossLimits(0, 0), Now)!);
        done.Phase.ShouldBe(JobState.Completed);
        SessionRules.Ended(done, End(1, AttemptResult.Completed), new LossLimits(0, 0), Now).ShouldBeNull();
        SessionRules.Ended(done, End(2, AttemptResult.Completed), new LossLimits(0, 0), Now).ShouldBeNull();
    }

    [Fact]
    public void The_result_of_an_older_epoch_is_dropped()
    {
        var second = Running(1)
            .Apply(SessionRules.HostLost(Running(1), 1, "gone", new LossLimits(0, 1), Now)!)
            .Apply(new SessionPlaced(2, [Slice("b")], Now));
        SessionRules.Ended(second, End(1, AttemptResult.Completed), new LossLimits(0, 0), Now).ShouldBeNull();
    }

    [Fact]
    public void A_lost_host_sends_the_session_back_to_the_queue_until_the_limit()
    {
        var state = Running(1);
        for (var epoch = 1; epoch <= 2; epoch++)
        {
            state = state.Apply(SessionRules.HostLost(state, epoch, "gone", new LossLimits(0, 2), Now)!);
            state.Phase.ShouldBe(JobState.Recovering);
            state = state.Apply(new SessionPlaced(epoch + 1, [Slice("b")], Now));
        }

        state = state.Apply(SessionRules.HostLost(state, 3, "gone", new LossLimits(9, 2), Now)!);
        state.Phase.ShouldBe(JobState.Failed);
        state.Error!.Message.ShouldContain("attempt 3, the last allowed");
        state.LostHosts.ShouldBe(["a", "b"]);
    }

    [Fact]
    public void A_job_at_fault_is_not_tried_again_but_one_refused_by_its_host_is()
    {
        SessionRules.Ended(Running(1), End(1, AttemptResult.Failed), new LossLimits(9, 0), Now).ShouldBeOfType<SessionFailed>();
        SessionRules.Ended(Running(1), End(1, AttemptResult.Refused), new LossLimits(1, 0), Now).ShouldBeOfType<AttemptLost>();
    }

    [Fact]
    public void A_cancelled_session_stays_cancelled_and_gives_its_slices_back_when_its_worker_has_stopped()
    {
        var cancelled = Running(1).Apply(SessionRules.Cancel(Running(1), "by its owner", Now)!);
        cancelled.Phase.ShouldBe(JobState.Cancelled);
        cancelled.HoldsSlices.ShouldBeTrue();
        var given = cancelled.Apply(SessionRules.Ended(cancelled, End(1, AttemptResult.Completed), new LossLimits(0, 0), Now)!);
        given.Phase.ShouldBe(JobState.Cancelled);
        given.HoldsSlices.ShouldBeFalse();
        SessionRules.Cancel(given, "again", Now).ShouldBeNull();
    }

    [Fact]
    public void A_session_that_a_client_could_use_ends_with_its_attempt()
    {
        var limits = new LossLimits(9, 9, Interactive: true);
        var running = Running(1);
        SessionRules.HostLost(running, 1, "gone", limits, Now).ShouldBeOfType<SessionFailed>().Error.Kind.ShouldBe("hostLost");
        SessionRules.Ended(running, End(1, AttemptResult.Refused), limits, Now).ShouldBeOfType<SessionFailed>();
        SessionRules.Ended(running, End(1, AttemptResult.Stopped), limits, Now, "For others.")
            .ShouldBeOfType<SessionFailed>().Error.ShouldSatisfyAllConditions(
                error => error.Kind.ShouldBe("preempted"),
                error => error.Message.ShouldStartWith("For others. What its client"));

        var placed = running with { Phase = JobState.Placed };
        SessionRules.HostLost(placed, 1, "gone", limits, Now).ShouldBeOfType<AttemptLost>();
        SessionRules.Ended(placed, End(1, AttemptResult.Refused), limits, Now).ShouldBeOfType<AttemptLost>();
        SessionRules.Ended(placed, End(1, AttemptResult.Stopped), limits, Now).ShouldBeOfType<AttemptPreempted>();
    }

    [Fact]
    public void What_is_released_is_completed_if_it_ran_and_cancelled_if_it_did_not()
    {
        SessionRules.Release(Running(1), "Done.", Now).ShouldBeOfType<SessionReleased>();
        SessionRules.Release(Running(1) with { Phase = JobState.Placed }, "Done.", Now).ShouldBeOfType<SessionCancelled>();
        var released = Running(1).Apply(new SessionReleased("Done.", Now));
        (released.Phase, released.HoldsSlices, released.Log).ShouldBe((JobState.Completed, true, "Done."));
        SessionRules.Release(released, "Again.", Now).ShouldBeNull();
        SessionRules.Ended(released, End(1, AttemptResult.Stopped), new LossLimits(0, 0, true), Now)
            .ShouldBeOfType<SlicesGivenBack>();
    }

    [Fact]
    public void A_start_that_was_written_before_there_were_endpoints_is_read()
    {
        var json = """{"epoch":3,"at":"2026-01-01T00:00:00+00:00"}""";
        JsonSerializer.Deserialize(json, SchedulerEventsJsonContext.Default.SessionStarted)
            .ShouldBe(new SessionStarted(3, Now));
        var started = new SessionStarted(3, Now, new SessionEndpoint("h:1", null, "/run/s", "m"));
        JsonSerializer.Deserialize(
                JsonSerializer.Serialize(started, SchedulerEventsJsonContext.Default.SessionStarted),
                SchedulerEventsJsonContext.Default.SessionStarted)
            .ShouldBe(started);
    }

    /// <summary>Promise 2: whatever reports come, in whatever order, the first end is the only one.</summary>
    [Fact]
    public void An_end_is_final_whatever_is_reported_afterwards() =>
        Prop.ForAll(Gen.Choose(0, 39).ArrayOf(60).ToArbitrary(), FirstEndStays).QuickCheckThrowOnFailure();

    private static bool FirstEndStays(int[] reports)
    {
        var state = SessionState.Empty.Apply(new JobAccepted("t", "j", default, "h", Now));
        JobState? end = null;
        foreach (var report in reports)
        {
            var epoch = (report / 10) + 1;
            var happened = (report % 10) switch
            {
                0 or 1 => state.Waiting ? new SessionPlaced(state.Epoch + 1, [Slice("a")], Now) : null,
                2 => SessionRules.Started(state, new AttemptStarted("t/j", epoch, TimeSpan.Zero), Now),
                3 => SessionRules.HostLost(state, epoch, "gone", new LossLimits(1, 1), Now),
                4 => SessionRules.Cancel(state, "no", Now),
                _ => SessionRules.Ended(state, End(epoch, (AttemptResult)(report % 4)), new LossLimits(1, 0), Now),
            };
            state = happened is null ? state : state.Apply(happened);
            if (end is not null && state.Phase != end)
            {
                return false;
            }

            end = state.Ended ? state.Phase : end;
        }

        return true;
    }

    private static SessionState Running(long epoch) => SessionState.Empty
        .Apply(new JobAccepted("t", "j", JsonDocument.Parse("{}").RootElement, "h", Now))
        .Apply(new SessionPlaced(epoch, [Slice("a")], Now))
        .Apply(new SessionStarted(epoch, Now));

    private static SliceGrant Slice(string host) => new($"{host}/0/s0", host, 0, 1024, 10, false);

    private static AttemptEnded End(long epoch, AttemptResult result) => new("t/j", epoch, new AttemptOutcome(
        result,
        result == AttemptResult.Completed ? null : new JobError { Kind = "x", Message = "It broke." },
        [],
        "",
        TimeSpan.FromSeconds(1)));
}
