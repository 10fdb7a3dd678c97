namespace GpuActors.Actors;

/// <summary>
/// What only some actors need; a cell without any of it has no such object. Everything but <see cref="Children"/> and
/// <see cref="Path"/> belongs to the actor's own turn, except <see cref="Restarts"/>, which belongs to its parent's.
/// </summary>
internal sealed class CellExtras
{
    public ChildTable? Children;
    public ActorPath? Path;
    public HashSet<IActorRef>? WatchedBy;

    /// <summary>Watched actors, with the message to send instead of <see cref="Terminated"/> if one was given.</summary>
    public Dictionary<IActorRef, object?>? Watching;

    /// <summary>Actors whose notification is in the mailbox but has not been received yet.</summary>
    public HashSet<IActorRef>? Notified;

    public Stash? Stash;
    public TimerScheduler? Timers;
    public ReceiveTimeoutTimer? ReceiveTimeout;
    public RestartLimiter? Restarts;
    public SupervisorStrategy? Strategy;

    /// <summary>Why the actor failed, while its supervisor has not decided yet.</summary>
    public Exception? Failure;

    /// <summary>What it was processing when it failed; null when it was not a user message.</summary>
    public object? FailedMessage;

    /// <summary>Children whose failures the actor escalated: suspended by those and not by their parent.</summary>
    public List<ActorCell>? Perpetrators;

    /// <summary>Restarts that came while the actor was restarting already.</summary>
    public int MergedRestarts;

    /// <summary>Why the actor restarts, while it waits for its children to stop.</summary>
    public Exception? RestartCause;

    /// <summary>The message of the handler whose task is running.</summary>
    public Envelope? AsyncEnvelope;
    public ActorSynchronizationContext? SynchronizationContext;

    /// <summary>Life-cycle messages that wait for the running task.</summary>
    public Queue<SystemMessage>? Deferred;

    /// <summary>How many times the actor was suspended, by itself or by an ancestor's failure.</summary>
    public int SuspendCount;

    /// <summary>Free places of a bounded mailbox.</summary>
    public int MailboxFree;
}
