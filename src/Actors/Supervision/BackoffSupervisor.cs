namespace GpuActors.Actors;

/// <summary>
/// Keeps one child alive, with longer and longer pauses between attempts, and passes it every message but its own.
/// The pause before start n is <c>min(maxBackoff, minBackoff * 2^n)</c>, lengthened at random.
/// </summary>
public sealed class BackoffSupervisor : UntypedActor, IWithTimers
{
    private const int DoublingsMax = 30;

    private readonly BackoffOptions _options;
    private IActorRef? _child;
    private int _restarts;
    private bool _childFailed;

    internal BackoffSupervisor(BackoffOptions options) => _options = options;

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>An actor with such a child.</summary>
    public static Props Props(BackoffOptions options) => Actors.Props.Create(() => new BackoffSupervisor(options));

    protected override void PreStart() => StartChild();

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(cause =>
    {
        var directive = _options.Decider(cause);
        if (_options.RestartsOnStop || directive != Directive.Restart)
        {
            return directive;
        }

        _childFailed = true; // stopped now, started again after the pause
        return Directive.Stop;
    });

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Terminated terminated when terminated.ActorRef.Equals(_child):
                ReceiveChildStopped();
                break;
            case StartChildNow:
                StartChild();
                break;
            case ResetNow or Reset:
                _restarts = 0;
                break;
            case GetCurrentChild:
                Sender.Tell(new CurrentChild(_child), Self);
                break;
            case GetRestartCount:
                Sender.Tell(new RestartCount(_restarts), Self);
                break;
            default:
                Pass(message);
                break;
        }
    }

    private void StartChild()
    {
        _child = Context.ActorOf(_options.ChildProps, _options.ChildName);
        Context.Watch(_child);
        if (_options.ResetAfter is { } resetAfter)
        {
            Timers.StartSingleTimer(ResetNow.Instance, ResetNow.Instance, resetAfter);
        }
    }

    private void ReceiveChildStopped()
    {
        _child = null;
        Timers.Cancel(ResetNow.Instance);
        var startsAgain = _options.RestartsOnStop || _childFailed;
        _childFailed = false;
        if (!startsAgain || (_options.MaxNumberOfRetries >= 0 && _restarts >= _options.MaxNumberOfRetries))
        {
            Context.Stop(Self);
            return;
        }

        Timers.StartSingleTimer(StartChildNow.Instance, StartChildNow.Instance, Pause());
        _restarts++;
    }

    private TimeSpan Pause()
    {
        var pauseSeconds = Math.Min(
            _options.MaxBackoff.TotalSeconds,
            _options.MinBackoff.TotalSeconds * Math.Pow(2, Math.Min(_restarts, DoublingsMax)));
        var lengthening = Context.System.Runtime.Random.NextDouble() * _options.RandomFactor;
        return TimeSpan.FromSeconds(pauseSeconds * (1 + lengthening));
    }

    private void Pass(object message)
    {
        if (_child is not null)
        {
            _child.Forward(message);
        }
        else if (_options.ReplyWhileStopped is { } reply)
        {
            Sender.Tell(reply, Self);
        }
        else
        {
            Context.System.DeadLetters.Tell(new DeadLetter(message, Sender, Self));
        }
    }

    /// <summary>Answered with <see cref="CurrentChild"/>.</summary>
    public sealed record GetCurrentChild;

    public sealed record CurrentChild(IActorRef? Ref);

    /// <summary>Answered with <see cref="RestartCount"/>.</summary>
    public sealed record GetRestartCount;

    public sealed record RestartCount(int Count);

    /// <summary>Makes the next pause the shortest again.</summary>
    public sealed record Reset;

    private sealed record StartChildNow
    {
        public static readonly StartChildNow Instance = new();
    }

    private sealed record ResetNow
    {
        public static readonly ResetNow Instance = new();
    }
}
