using GpuActors.Actors.Runtime;

namespace GpuActors.Actors;

/// <summary>
/// The sender of an Ask: takes one message and completes a task with it. It gets a path below <c>/temp</c> only when
/// somebody looks at the path, that is when the question leaves the process.
/// </summary>
internal sealed class FutureActorRef<T>(ActorSystem system) : InternalActorRef, IHasActorSystem, IThreadPoolWorkItem
{
    private static readonly TimerCallback OnTimeout = static state => ((FutureActorRef<T>)state!).TimedOut();

    // Completed by Execute, on the runtime's turn: continuations then run where the runtime decides, which keeps
    // simulation deterministic, and never inside the answering actor's turn.
    private readonly TaskCompletionSource<T> _completion = new();
    private object? _outcome;
    private ActorPath? _path;
    private ITimer? _timer;
    private CancellationTokenRegistration _cancellation;
    private InternalActorRef? _watchee;
    private object? _question;
    private ICanTell? _target;
    private TimeSpan _timeout;

    public override ActorPath Path => _path ?? Register();

    public ActorSystem System => system;

    public override bool IsTerminated => Volatile.Read(ref _outcome) is not null;

    public Task<T> Ask(ICanTell target, object message, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        _question = message;
        _target = target;
        Arm(timeout, cancellationToken);
        target.Tell(message, this);
        return _completion.Task;
    }

    public Task<T> Watch(InternalActorRef watchee, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        _watchee = watchee;
        _target = watchee;
        Arm(timeout, cancellationToken);
        watchee.SendSystemMessage(new Watch(watchee, this));
        return _completion.Task;
    }

    public override void Tell(object message, IActorRef? sender)
    {
        if (!TryEnd(message))
        {
            system.PublishDeadLetter(message, sender, this);
        }
    }

    public override void SendSystemMessage(SystemMessage message)
    {
        switch (message)
        {
            case DeathWatchNotification death:
                TryEnd(new Terminated(death.Actor, death.ExistenceConfirmed, death.AddressTerminated));
                break;
            case Watch watch when IsTerminated:
                From(watch.Watcher).SendSystemMessage(new DeathWatchNotification(watch.Watchee, true, false));
                break;
        }
    }

    public void Execute()
    {
        _timer?.Dispose();
        _cancellation.Dispose();
        if (_path is not null)
        {
            system.Provider.UnregisterTemp(_path);
        }

        switch (_outcome)
        {
            case GaveUp { Cause: OperationCanceledException cancelled }:
                _completion.TrySetCanceled(cancelled.CancellationToken);
                break;
            case GaveUp { Cause: var cause }:
                _completion.TrySetException(cause);
                break;
            case Status.Failure failure when typeof(T) != typeof(Status.Failure):
                _completion.TrySetException(failure.Cause);
                break;
            case T result:
                _completion.TrySetResult(result);
                break;
            case var other:
                _completion.TrySetException(new InvalidCastException(
                    $"{_target} answered with {other!.GetType()}, expected {typeof(T)}."));
                break;
        }
    }

    private void Arm(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        _timeout = timeout ?? system.Settings.AskTimeout;
        if (_timeout != Timeout.InfiniteTimeSpan)
        {
            _timer = system.Runtime.Time.CreateTimer(OnTimeout, this, _timeout, Timeout.InfiniteTimeSpan);
        }

        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (state, token) => ((FutureActorRef<T>)state!).TryEnd(new GaveUp(
                    new OperationCanceledException(token))),
                this);
        }
    }

    private void TimedOut()
    {
        var what = _question is null ? "has not stopped" : $"did not answer {_question.GetType().Name}";
        if (TryEnd(new GaveUp(new AskTimeoutException($"{_target} {what} within {_timeout.TotalSeconds:0.###} s."))))
        {
            _watchee?.SendSystemMessage(new Unwatch(_watchee, this));
        }
    }

    private bool TryEnd(object outcome)
    {
        if (Interlocked.CompareExchange(ref _outcome, outcome, null) is not null)
        {
            return false;
        }

        system.Runtime.Execute(this);
        return true;
    }

    private ActorPath Register()
    {
        var path = system.Provider.NextTempPath();
        if (Interlocked.CompareExchange(ref _path, path, null) is null)
        {
            system.Provider.RegisterTemp(path, this);
        }

        return _path;
    }

    /// <summary>The asker stopped waiting; not to be confused with an answer.</summary>
    private sealed record GaveUp(Exception Cause);
}
