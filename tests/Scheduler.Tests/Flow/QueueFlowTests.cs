using GpuActors.Actors;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Scheduler.Queueing;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Flow;

/// <summary>Queues, preemption and deadlines as they reach sessions and hosts.</summary>
public sealed class QueueFlowTests : SchedulerActors
{
    private const string Scavenger = "\"class\": \"scavenger\", \"grace\": \"10s\", \"retries\": 0,";

    private protected override string[] Overrides =>
    [
        """
        gpuactors.scheduler.queues.tree {
          small { quota { gpus = 1 } }
          lender { quota { gpus = 1 } }
          bold { quota { gpus = 1 }, borrow = true }
        }
        """,
    ];

    [Fact]
    public void A_scavenger_yields_to_a_normal_job_within_its_grace_and_goes_on_when_that_is_over()
    {
        var host = AddHost("a");
        Submit("scavenger", Scavenger);
        var scavenger = host.ExpectStart();
        host.Started(scavenger);
        Submit("normal");
        Status("normal").Reason.ShouldBe("waits until a/0 is free: others make room for it");
        var told = ExpectState("scavenger", JobState.Running);
        told.Reason.ShouldBe(
            "Preempted for t/normal: a scavenger yields to every normal job. It has 10s to end by itself.");
        told.Class.ShouldBe(Shared.Jobs.JobClass.Scavenger);

        Pass(TimeSpan.FromSeconds(9), host);
        ExpectState("scavenger", JobState.Running).Attempt.ShouldBe(1);
        Pass(TimeSpan.FromSeconds(2), host);
        host.Probe.FishForMessage<StopAttempt>(stop => stop.Epoch == scavenger.Epoch);
        host.End(scavenger, AttemptResult.Stopped);
        var normal = host.ExpectStart(scavenger.Epoch);
        normal.Session.ShouldBe(Session("normal"));
        var waits = ExpectState("scavenger", JobState.Queued);
        waits.Preemptions.ShouldBe(1);
        waits.Reason!.ShouldStartWith("Preempted for t/normal: a scavenger yields to every normal job.");

        host.End(normal, AttemptResult.Completed);
        var again = host.ExpectStart(normal.Epoch);
        again.Session.ShouldBe(Session("scavenger"));
        host.Started(again);
        host.End(again, AttemptResult.Completed);
        ExpectState("scavenger", JobState.Completed).Attempt.ShouldBe(2);
    }

    [Fact]
    public void One_that_ends_within_its_grace_keeps_its_result()
    {
        var host = AddHost("a");
        Submit("scavenger", Scavenger);
        var scavenger = host.ExpectStart();
        host.Started(scavenger);
        Submit("normal");
        Pass(TimeSpan.FromSeconds(3), host);
        host.End(scavenger, AttemptResult.Completed);
        host.ExpectStart(scavenger.Epoch).Session.ShouldBe(Session("normal"));
        ExpectState("scavenger", JobState.Completed).Preemptions.ShouldBe(0);
    }

    [Fact]
    public void What_one_leaves_goes_to_the_job_that_it_leaves_for_and_to_no_other()
    {
        var host = AddHost("a");
        Submit("scavenger1", Scavenger, "\"compute\": \"50%\"");
        var first = host.ExpectStart();
        Submit("scavenger2", Scavenger, "\"compute\": \"50%\"");
        var second = host.ExpectStart(first.Epoch);
        host.Started(first);
        host.Started(second);
        Submit("whole", "\"priority\": -5,");
        Submit("thief", gpu: "\"compute\": \"50%\"");
        Pass(TimeSpan.FromSeconds(11), host);
        host.End(first, AttemptResult.Stopped);
        ExpectState("thief", JobState.Queued);
        host.End(second, AttemptResult.Stopped);
        host.ExpectStart(second.Epoch).Session.ShouldBe(Session("whole"));
        ExpectState("thief", JobState.Queued);
    }

    [Fact]
    public async Task What_a_worker_was_told_to_stop_does_not_use_up_a_retry_although_the_session_was_started_anew()
    {
        var host = AddHost("a");
        Submit("scavenger", "\"class\": \"scavenger\", \"grace\": 0, \"retries\": 0,");
        var scavenger = host.ExpectStart();
        host.Started(scavenger);
        Submit("normal");
        host.Probe.FishForMessage<StopAttempt>(stop => stop.Epoch == scavenger.Epoch);
        await RestartAsync();
        host = host.MoveTo(Kit, Regions, new HeldAttempt(scavenger.Session, scavenger.Epoch));
        Pass(TimeSpan.FromSeconds(1), host);
        host.End(scavenger, AttemptResult.Stopped);
        host.ExpectStart(scavenger.Epoch).Session.ShouldBe(Session("normal"));
        ExpectState("scavenger", JobState.Queued).Preemptions.ShouldBe(1);
    }

    [Fact]
    public async Task A_quota_holds_also_for_a_queue_that_was_started_anew()
    {
        var host = AddHost("a", gpus: 3);
        Submit("one", "\"queue\": \"small\",");
        var one = host.ExpectStart();
        host.Started(one);
        Submit("two", "\"queue\": \"small\",");
        Status("two").Reason.ShouldBe("waits: quota of small used up, 1 of 1 GPUs");
        Status("two").Queue.ShouldBe("small");

        await RestartAsync();
        host = host.MoveTo(Kit, Regions, new HeldAttempt(one.Session, one.Epoch));
        Pass(TimeSpan.FromSeconds(10), host);
        Status("two").Reason.ShouldBe("waits: quota of small used up, 1 of 1 GPUs");
        var queue = Queue("small");
        (queue.Used.Gpus, queue.Waiting, queue.Tenants.Single().Tenant).ShouldBe((1, 1, Tenant));

        host.End(one, AttemptResult.Completed);
        host.ExpectStart(one.Epoch).Session.ShouldBe(Session("two"));
        Queue("small").Used.Gpus.ShouldBe(1);
    }

    [Fact]
    public void What_is_borrowed_is_given_back_when_its_owner_wants_it()
    {
        var host = AddHost("a", gpus: 2);
        Submit("own", "\"queue\": \"bold\", \"grace\": 0,");
        var own = host.ExpectStart();
        host.Started(own);
        Submit("borrowed", "\"queue\": \"bold\", \"priority\": 50, \"grace\": 0,");
        var borrowed = host.ExpectStart(own.Epoch);
        host.Started(borrowed);
        (Queue("bold").Borrowed.Gpus, Queue("bold").SharePercent).ShouldBe((1, 100));

        Submit("owner", "\"queue\": \"lender\",");
        var stop = host.Probe.FishForMessage<StopAttempt>(_ => true);
        stop.Reason.ShouldContain("queue lender takes back the quota that queue bold has borrowed");
        var left = stop.Epoch == own.Epoch ? own : borrowed;
        host.End(left, AttemptResult.Stopped);
        host.ExpectStart(borrowed.Epoch).Session.ShouldBe(Session("owner"));
        Queue("bold").Borrowed.Gpus.ShouldBe(0);
    }

    [Fact]
    public void A_job_that_can_not_begin_by_its_deadline_fails_and_says_so()
    {
        var host = AddHost("a");
        Submit("runs");
        host.Started(host.ExpectStart());
        Submit("late", "\"deadline\": { \"startBy\": \"20s\" },");
        Pass(TimeSpan.FromSeconds(19), host);
        ExpectState("late", JobState.Queued);
        Pass(TimeSpan.FromSeconds(2), host);
        var status = ExpectState("late", JobState.Failed);
        status.Error!.Kind.ShouldBe("deadline");
        status.Error.Message.ShouldContain("could not begin by its deadline");
        Queue("default").Waiting.ShouldBe(0);
    }

    [Fact]
    public void An_attempt_may_not_run_beyond_the_jobs_end()
    {
        var host = AddHost("a");
        Submit("soon", "\"timeLimit\": \"1h\", \"deadline\": { \"endBy\": \"2m\" },");
        host.ExpectStart().TimeLimit.ShouldBeInRange(TimeSpan.FromSeconds(110), TimeSpan.FromSeconds(120));
    }

    private QueueStatus Queue(string name)
    {
        Kit.Advance(TimeSpan.Zero);
        var list = Kit.Await(Regions.Queues.Ask<QueueList>(new ShardingEnvelope(Regions.Pool, new GetQueues())));
        return list.Queues.Single(queue => queue.Name == name);
    }
}
