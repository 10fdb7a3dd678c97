using System.Text;
using System.Text.Json;
using GpuActors.Actors;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Flow;

/// <summary>Sessions that a client drives, from their request to their end.</summary>
public sealed class InteractiveFlowTests : SchedulerActors
{
    [Fact]
    public void A_session_tells_where_it_is_reached_once_that_is_durable()
    {
        var host = AddHost("a");
        Request("s");
        Find("s").Status.State.ShouldBe(JobState.Placed);
        var start = host.ExpectStart();
        start.TimeLimit.ShouldBe(Settings.Session.MaxTimeLimit);
        WhileWritesFail("session.started.v1", () =>
        {
            host.Opened(start);
            Find("s").Endpoint.ShouldBeNull();
        });
        Pass(TimeSpan.FromSeconds(5), host);
        host.Opened(start);

        var found = Find("s");
        found.Status.State.ShouldBe(JobState.Running);
        found.Endpoint.ShouldBe(new SessionEndpoint("a:7", "ab", null, "machine-1"));
        found.EndsAt.ShouldBe(found.Status.StartedAt + Settings.Session.MaxTimeLimit);
        found.Status.Gpu.ShouldNotBeNull().GetProperty("whole").GetBoolean().ShouldBeTrue();
        found.Status.Host.ShouldBe("a");
    }

    [Fact]
    public async Task Where_it_is_reached_is_known_after_a_restart()
    {
        var host = AddHost("a");
        Request("s");
        var start = host.ExpectStart();
        host.Opened(start);
        Find("s").Endpoint.ShouldNotBeNull();
        await RestartAsync();
        host.MoveTo(Kit, Regions, new HeldAttempt(start.Session, start.Epoch));

        Find("s").Endpoint.ShouldNotBeNull().Address.ShouldBe("a:7");
        (await CountEventsAsync("s", "session.started.v1")).ShouldBe(1);
    }

    [Fact]
    public void A_session_that_its_worker_ended_is_completed_and_says_why()
    {
        var host = AddHost("a");
        Request("s");
        var start = host.ExpectStart();
        host.Opened(start);
        host.EndSession(start, "No command came for 30m.\n");

        var ended = Find("s");
        ended.Status.State.ShouldBe(JobState.Completed);
        ended.Status.Reason.ShouldBe("No command came for 30m.");
        ended.Endpoint.ShouldBeNull();
        OwnedSlices().ShouldBeEmpty();
    }

    [Fact]
    public void A_session_that_is_released_is_completed_and_keeps_its_slice_until_its_worker_has_ended_it()
    {
        var host = AddHost("a");
        Request("s");
        var start = host.ExpectStart();
        host.Opened(start);
        Release("s").Status.State.ShouldBe(JobState.Completed);
        host.Probe.FishForMessage<StopAttempt>(stop => stop.Epoch == start.Epoch);
        OwnedSlices().ShouldHaveSingleItem();
        host.End(start, AttemptResult.Stopped);
        OwnedSlices().ShouldBeEmpty();

        var again = Release("s");
        again.Status.State.ShouldBe(JobState.Completed);
        again.Status.Reason.ShouldBe("Done.");
    }

    [Fact]
    public void A_session_that_is_released_while_it_waits_is_cancelled()
    {
        Request("s");
        Release("s").Status.State.ShouldBe(JobState.Cancelled);
        Find("s").Status.Reason.ShouldBe("Done.");
    }

    [Fact]
    public void A_session_for_which_nobody_asks_any_more_does_not_wait_on()
    {
        Request("asked");
        Request("forgotten");
        Request("kept", """ "lease": null """);
        Request("patient", """ "lease": "5m" """);
        for (var passed = 0; passed < 3; passed++)
        {
            Pass(TimeSpan.FromSeconds(29));
            Find("asked").Status.State.ShouldBe(JobState.Queued);
        }

        // Asking as for a job is no sign of its client.
        Status("kept").State.ShouldBe(JobState.Queued);
        Status("patient").State.ShouldBe(JobState.Queued);
        var gone = Status("forgotten");
        gone.State.ShouldBe(JobState.Cancelled);
        gone.Reason.ShouldNotBeNull().ShouldStartWith("Its client has gone");
        Pass(TimeSpan.FromMinutes(5));
        Status("patient").State.ShouldBe(JobState.Cancelled);
        Status("kept").State.ShouldBe(JobState.Queued);
    }

    [Fact]
    public async Task After_a_restart_of_the_scheduler_clients_have_their_whole_time_again()
    {
        Request("s");
        Pass(TimeSpan.FromSeconds(50));
        await RestartAsync();
        Pass(TimeSpan.FromSeconds(50));
        Status("s").State.ShouldBe(JobState.Queued);
        Pass(TimeSpan.FromSeconds(20));
        Status("s").State.ShouldBe(JobState.Cancelled);
    }

    [Fact]
    public void A_session_whose_host_is_lost_fails_once_a_client_could_use_it()
    {
        var hosts = new[] { AddHost("a"), AddHost("b") };
        Request("s");
        var host = hosts.Single(h => h.Name == Find("s").Status.Host);
        host.Opened(host.ExpectStart());
        Find("s").Status.State.ShouldBe(JobState.Running);
        Pass(WholeLease, [.. hosts.Where(h => h != host)]);

        var failed = Find("s").Status;
        failed.State.ShouldBe(JobState.Failed);
        failed.Error.ShouldNotBeNull().Kind.ShouldBe("hostLost");
        failed.Reason.ShouldNotBeNull().ShouldContain("can't be done again elsewhere");
        OwnedSlices().ShouldBeEmpty();
    }

    [Fact]
    public void A_session_whose_host_is_lost_before_is_placed_elsewhere()
    {
        var hosts = new[] { AddHost("a"), AddHost("b") };
        Request("s");
        var first = Find("s").Status;
        var (lost, other) = hosts[0].Name == first.Host ? (hosts[0], hosts[1]) : (hosts[1], hosts[0]);
        lost.ExpectStart();
        Pass(WholeLease, other);
        other.Opened(other.ExpectStart(first.Epoch));

        Find("s").Endpoint.ShouldNotBeNull().Address.ShouldBe($"{other.Name}:7");
    }

    [Fact]
    public void A_session_that_has_to_yield_fails_with_the_reason()
    {
        var host = AddHost("a");
        Request("s", more: """ "class": "scavenger", "grace": 0, """);
        var start = host.ExpectStart();
        host.Opened(start);
        Submit("normal");
        host.Probe.FishForMessage<StopAttempt>(stop => stop.Epoch == start.Epoch);
        host.End(start, AttemptResult.Stopped);

        var failed = Find("s").Status;
        failed.State.ShouldBe(JobState.Failed);
        failed.Error.ShouldNotBeNull().Kind.ShouldBe("preempted");
        host.ExpectStart(start.Epoch).Session.ShouldBe(Session("normal"));
    }

    [Fact]
    public void Who_waits_for_news_hears_of_another_state_and_of_another_reason()
    {
        Request("s");
        var state = Find("s").Status;
        state.State.ShouldBe(JobState.Queued);
        Ask<SessionFound>(new AwaitSession(Session("s"), JobState.Running)).Status.State.ShouldBe(JobState.Queued);
        var waiting = Regions.Sessions.Ask<SessionFound>(new AwaitSession(Session("s"), JobState.Queued));
        Kit.Advance(TimeSpan.FromSeconds(1));
        waiting.IsCompleted.ShouldBeFalse();

        AddHost("a");
        Kit.Await(waiting).Status.State.ShouldBe(JobState.Placed);
        var ending = Regions.Sessions.Ask<SessionFound>(new AwaitSession(Session("s"), null));
        Release("s");
        Kit.Await(ending).Status.State.ShouldBe(JobState.Cancelled);
    }

    [Fact]
    public void Who_has_just_asked_hears_when_it_can_be_used_or_why_it_waits()
    {
        var host = AddHost("a");
        Request("s");
        Find("s").Status.State.ShouldBe(JobState.Placed);
        var usable = Regions.Sessions.Ask<SessionFound>(new AwaitSession(Session("s"), null, UntilUsable: true));
        Kit.Advance(TimeSpan.FromSeconds(1));
        usable.IsCompleted.ShouldBeFalse();
        host.Opened(host.ExpectStart());
        Kit.Await(usable).Endpoint.ShouldNotBeNull();
        Ask<SessionFound>(new AwaitSession(Session("s"), null, UntilUsable: true)).Endpoint.ShouldNotBeNull();

        Request("t");
        var waits = Ask<SessionFound>(new AwaitSession(Session("t"), null, UntilUsable: true)).Status;
        waits.State.ShouldBe(JobState.Queued);
        waits.Reason.ShouldNotBeNull();
        Release("t");
        Ask<SessionFound>(new AwaitSession(Session("t"), null, UntilUsable: true)).Status.State.ShouldBe(JobState.Cancelled);
    }

    [Fact]
    public void A_job_is_no_session()
    {
        Submit("j");
        Ask<object>(new GetSession(Session("j"))).ShouldBe(new NoSuchJob(Session("j")));
        Ask<object>(new AwaitSession(Session("j"), null)).ShouldBe(new NoSuchJob(Session("j")));
        Ask<object>(new EndSession(Session("j"), "Done.")).ShouldBe(new NoSuchJob(Session("j")));
        Status("j").State.ShouldBe(JobState.Queued);
        Ask<object>(new GetSession(Session("none"))).ShouldBe(new NoSuchJob(Session("none")));
    }

    private JobSubmitted Request(string id, string terms = "", string more = "")
    {
        var json = $$"""{ "id": "{{id}}", {{more}} "gpu": { "whole": true }, "interactive": { {{terms}} } }""";
        return Ask<JobSubmitted>(new SubmitJob(
            Session(id), Tenant, JsonDocument.Parse(Encoding.UTF8.GetBytes(json)).RootElement));
    }

    private SessionFound Find(string id)
    {
        Kit.Advance(TimeSpan.Zero);
        return Ask<SessionFound>(new GetSession(Session(id)));
    }

    private SessionFound Release(string id) => Ask<SessionFound>(new EndSession(Session(id), "Done."));
}
