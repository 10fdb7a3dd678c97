using GpuActors.Actors;
using GpuActors.Shared.Messages;
using Microsoft.Extensions.Logging;

namespace GpuActors.Worker.Actors;

/// <summary>
/// One attempt: runs it, passes on what it reports, and keeps its end until the scheduler has made it durable. A worker
/// without a scheduler goes on running and keeps what there is to say.
/// </summary>
public sealed class ExecutorActor : ReceiveActor, IWithTimers, IDisposable
{
    private readonly StartAttempt _attempt;
    private readonly IAttemptRunner _runner;
    private readonly TimeSpan _resendInterval;
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _time;
    private long? _startedAt;
    private SessionEndpoint? _endpoint;
    private AttemptOutcome? _stopOutcome;
    private AttemptEnded? _ended;

    /// <summary>The actor of <paramref name="attempt"/>; it begins at once.</summary>
    public ExecutorActor(StartAttempt attempt, IAttemptRunner runner, TimeSpan resendInterval)
    {
        _attempt = attempt;
        _runner = runner;
        _resendInterval = resendInterval;
        _time = Context.System.Runtime.Time;
        Receive<StartAttempt>(_ => ReportAgain());
        Receive<SchedulerFound>(_ => ReportAgain());
        Receive<Resend>(_ => ReportAgain());
        Receive<Started>(OnStarted);
        Receive<ToSessions>(Context.Parent.Forward);
        Receive<StopAttempt>(stop => Stop(AttemptOutcomes.Stopped(stop.Reason)));
        Receive<EndAttempts>(end => Stop(AttemptOutcomes.Refused(end.Kind, end.Reason)));
        Receive<AttemptOutcome>(OnOutcome);
        Receive<Status.Failure>(failure => OnFault(failure.Cause));
        Receive<AttemptEndedAck>(_ => Context.Stop(Self));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    /// <inheritdoc/>
    protected override void PreStart() =>
        _ = _runner.RunAsync(_attempt, new Observer(Self, _attempt), _stop.Token).PipeTo(Self, Self);

    /// <inheritdoc/>
    protected override void PostStop() => _stop.Cancel();

    private void OnStarted(Started started)
    {
        _endpoint = started.Endpoint;
        _startedAt = _time.GetTimestamp();
        ReportAgain();
    }

    private void Stop(AttemptOutcome outcome)
    {
        if (_ended is null)
        {
            _stopOutcome ??= outcome;
            _stop.Cancel();
        }
        else
        {
            ReportAgain();
        }
    }

    private void OnOutcome(AttemptOutcome outcome)
    {
        var final = outcome.Result == AttemptResult.Completed ? outcome : _stopOutcome ?? outcome;
        _ended = new AttemptEnded(_attempt.Session, _attempt.Epoch, final);
        Context.Parent.Tell(new SlicesFree(new HeldAttempt(_attempt.Session, _attempt.Epoch)), Self);
        Timers.StartPeriodicTimer(Resend.Instance, Resend.Instance, _resendInterval);
        Report(_ended);
    }

    private void OnFault(Exception fault)
    {
        Context.GetLogger().LogError(fault, "The attempt of session {Session} failed in the worker.", _attempt.Session);
        OnOutcome(AttemptOutcomes.Refused("workerFault", $"The worker failed: {fault.Message}"));
    }

    private void ReportAgain()
    {
        if (_ended is not null)
        {
            Report(_ended);
        }
        else if (_startedAt is { } startedAt)
        {
            Report(new AttemptStarted(_attempt.Session, _attempt.Epoch, _time.GetElapsedTime(startedAt), _endpoint));
        }
    }

    private void Report(ISessionMessage message) => Context.Parent.Tell(new ToSessions(message), Self);

    private sealed record Started(SessionEndpoint? Endpoint);

    private sealed record Resend
    {
        public static readonly Resend Instance = new();
    }

    private sealed class Observer(IActorRef executor, StartAttempt attempt) : IAttemptObserver
    {
        void IAttemptObserver.Started(SessionEndpoint? endpoint) => executor.Tell(new Started(endpoint));

        void IAttemptObserver.Progress(long stepsDone, long stepsTotal) => executor.Tell(
            new ToSessions(new AttemptProgress(attempt.Session, attempt.Epoch, stepsDone, stepsTotal)), executor);

        void IAttemptObserver.Log(string text) => executor.Tell(
            new ToSessions(new AttemptLog(attempt.Session, attempt.Epoch, text)), executor);
    }
}
