using System.Diagnostics;

namespace GpuActors.Actors;

/// <summary>
/// One actor: at once its ref, its mailbox, its context and its work item for the thread pool, so that an idle actor
/// is one small object beside its instance.
/// <para>
/// <b>Mailbox.</b> <c>_inbox</c> is a stack that senders push onto with one compare-and-swap. A turn takes all of it
/// with one exchange and reverses it into <c>_pending</c>, which only the turn touches. The bottom of the stack says
/// who owns the actor: null means nobody (the sender that pushes onto null must schedule a turn), <see cref="Busy"/>
/// means that a turn is scheduled, running or parked, <see cref="Closed"/> that the actor is gone.
/// </para>
/// <para>
/// <b>Parking.</b> A turn that may not process user messages (suspended, waiting for children, awaiting a task) parks:
/// it returns with <c>_inbox</c> still owned and <c>_parked</c> set, so that senders of user messages schedule nothing.
/// Only a system message, pushed onto <c>_systemInbox</c>, wakes it.
/// </para>
/// </summary>
internal sealed partial class ActorCell : InternalActorRef, IThreadPoolWorkItem
{
    private static readonly Envelope Busy = new(nameof(Busy), null);
    private static readonly Envelope Closed = new(nameof(Closed), null);

    private readonly ActorSystem _system;
    private readonly ActorCell? _parent;
    private readonly Props _props;
    private ActorBase? _actor;
    private Envelope? _inbox = Busy;
    private Envelope? _systemInbox;
    private Envelope? _pending;
    private Envelope? _current;
    private CellExtras? _extras;
    private CellStates _state = CellStates.NotCreated;
    private int _parked;

    internal ActorCell(ActorSystem system, ActorCell? parent, Props props, string? givenName)
    {
        _system = system;
        _parent = parent;
        _props = props;
        GivenName = givenName;
        Number = system.Provider.NextNumber();
        if (props.MailboxCapacity is { } capacity)
        {
            Extras.MailboxFree = capacity;
            IsBounded = true;
        }
    }

    [Flags]
    private enum CellStates : byte
    {
        /// <summary>Processing messages.</summary>
        Normal = 0,
        NotCreated = 1,

        /// <summary>By its own failure or an ancestor's.</summary>
        Suspended = 2,

        /// <summary>The task of an async handler runs.</summary>
        Awaiting = 4,

        /// <summary>Waits for children to stop before the new instance is made.</summary>
        Restarting = 8,

        /// <summary>Waits for children to stop before it is gone.</summary>
        Stopping = 16,
        Stopped = 32,
    }

    /// <summary>The actor whose turn runs on this thread.</summary>
    internal static ActorCell? Current => TurnSlot.OfThread?.Running;

    /// <summary>The name given at creation; null when the name is made of <see cref="Number"/>.</summary>
    internal string? GivenName { get; }

    /// <summary>Serial number within the system.</summary>
    internal long Number { get; }

    /// <summary>Set and read under the lock of the parent's <see cref="ChildTable"/>.</summary>
    internal bool IsToldToStop { get; set; }

    internal ref ActorCell? NextInBucket => ref _nextInBucket;

    internal string Name => GivenName ?? NumberedName.Format(Number);

    internal ActorBase? Actor => _actor;

    /// <summary>For the parent's turn only.</summary>
    internal RestartLimiter RestartLimiter => Extras.Restarts ??= new RestartLimiter();

    public override bool IsTerminated => ReferenceEquals(Volatile.Read(ref _inbox), Closed);

    public override ActorPath Path => Volatile.Read(ref _extras)?.Path ?? MakePath();

    private bool IsBounded { get; }

    private long Uid => _system.Provider.UidOf(Number);

    private CellExtras Extras
    {
        get
        {
            return _extras ?? Create();

            CellExtras Create()
            {
                Interlocked.CompareExchange(ref _extras, new CellExtras(), null);
                return _extras;
            }
        }
    }

    private ActorCell? _nextInBucket;

    public override bool Equals(IActorRef? other) => ReferenceEquals(this, other)
        || (other is EmptyLocalActorRef && other.Path.Uid == Uid && other.Path.Equals(Path));

    public override int GetHashCode() => Uid.GetHashCode();

    public override void Tell(object message, IActorRef? sender)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (IsBounded)
        {
            TellBounded(message, sender);
            return;
        }

        Enqueue(new Envelope(message, sender));
    }

    public override void SendSystemMessage(SystemMessage message)
    {
        var envelope = new Envelope(message, null);
        var top = Volatile.Read(ref _systemInbox);
        while (true)
        {
            if (ReferenceEquals(top, Closed))
            {
                AnswerAfterDeath(message);
                return;
            }

            envelope.Next = top;
            var seen = Interlocked.CompareExchange(ref _systemInbox, envelope, top);
            if (ReferenceEquals(seen, top))
            {
                break;
            }

            top = seen;
        }

        var wasIdle = Interlocked.CompareExchange(ref _inbox, Busy, null) is null;
        if (wasIdle || Interlocked.CompareExchange(ref _parked, 0, 1) == 1)
        {
            _system.Dispatcher.Schedule(this);
        }
    }

    void IThreadPoolWorkItem.Execute() => _system.Dispatcher.Run(this);

    /// <summary>Schedules the first turn, in which the instance is made.</summary>
    internal void Start() => _system.Dispatcher.Schedule(this);

    /// <summary>Processes up to <paramref name="budget"/> messages. True when there is more to do.</summary>
    internal bool RunTurn(TurnSlot slot, int budget)
    {
        var outer = slot.Running;
        slot.Running = this;
        try
        {
            return ProcessMailbox(budget);
        }
        finally
        {
            slot.Running = outer;
        }
    }

    private bool ProcessMailbox(int budget)
    {
        if ((_state & CellStates.NotCreated) != 0)
        {
            CreateInstance();
        }

        while (true)
        {
            if (Volatile.Read(ref _systemInbox) is not null)
            {
                ProcessSystemMessages();
            }

            if (_state != CellStates.Normal)
            {
                if (_state == CellStates.Stopped || TryPark())
                {
                    return false;
                }

                continue;
            }

            var envelope = _pending;
            if (envelope is null)
            {
                if (!TryFillPending())
                {
                    return false;
                }

                continue;
            }

            if (budget-- == 0)
            {
                return true;
            }

            _pending = envelope.Next;
            envelope.Next = null; // a processed envelope in an old generation must not keep younger ones alive
            Invoke(envelope);
        }
    }

    /// <summary>Takes what senders pushed; false when there is nothing and the actor is now idle.</summary>
    private bool TryFillPending()
    {
        if (!ReferenceEquals(Interlocked.CompareExchange(ref _inbox, null, Busy), Busy))
        {
            _pending = Reverse(Interlocked.Exchange(ref _inbox, Busy));
            return true;
        }

        // A system message pushed before the actor became idle scheduled nothing, so look again.
        return Volatile.Read(ref _systemInbox) is not null
            && Interlocked.CompareExchange(ref _inbox, Busy, null) is null;
    }

    private bool TryPark()
    {
        Interlocked.Exchange(ref _parked, 1);
        return Volatile.Read(ref _systemInbox) is null || Interlocked.CompareExchange(ref _parked, 0, 1) != 1;
    }

    /// <summary>The envelopes in the order they were pushed, or null.</summary>
    private static Envelope? Reverse(Envelope? top)
    {
        Envelope? first = null;
        while (top is not null && !ReferenceEquals(top, Busy))
        {
            var next = top.Next;
            top.Next = first;
            first = top;
            top = next;
        }

        return first;
    }

    private void Enqueue(Envelope envelope)
    {
        var top = Volatile.Read(ref _inbox);
        while (true)
        {
            if (ReferenceEquals(top, Closed))
            {
                _system.PublishDeadLetter(envelope.Message, envelope.Sender, this);
                return;
            }

            envelope.Next = top;
            var seen = Interlocked.CompareExchange(ref _inbox, envelope, top);
            if (ReferenceEquals(seen, top))
            {
                break;
            }

            top = seen;
        }

        if (top is null)
        {
            _system.Dispatcher.Schedule(this);
        }
    }

    /// <summary>Tell of the runtime's own notices, which a bounded mailbox always takes.</summary>
    internal void TellInternally(object notice) => Enqueue(new Envelope(notice, this));

    private void TellBounded(object message, IActorRef? sender)
    {
        if (Interlocked.Decrement(ref _extras!.MailboxFree) >= 0)
        {
            Enqueue(new BoundedEnvelope(message, sender));
            return;
        }

        Interlocked.Increment(ref _extras.MailboxFree);
        _system.Metrics.MailboxOverflowed();
        _system.PublishDeadLetter(message, sender, this);
    }

    private void Invoke(Envelope envelope)
    {
        if (IsBounded && envelope is BoundedEnvelope { HoldsPlace: true } bounded)
        {
            bounded.HoldsPlace = false;
            Interlocked.Increment(ref _extras!.MailboxFree);
        }

        _current = envelope;
        try
        {
            Receive(envelope.Message);
        }
        catch (Exception e)
        {
            Fail(e);
        }

        _current = null;
    }

    private void Receive(object message)
    {
        if (_extras?.ReceiveTimeout is { } timeout && message is not INotInfluenceReceiveTimeout)
        {
            timeout.Touch();
        }

        if (message is IAutoReceivedMessage)
        {
            ReceiveAutomatically(message);
            return;
        }

        Debug.Assert(_actor is not null, "An actor that processes messages has an instance.");
        if (!_actor.AroundReceive(message))
        {
            _actor.ReceiveUnhandled(message);
        }
    }

    private void ReceiveAutomatically(object message)
    {
        switch (message)
        {
            case PoisonPill:
                BeginStop();
                break;
            case Kill:
                throw new ActorKilledException($"{Path} was told to fail by a Kill message.");
            case Identify identify:
                SenderOrNull?.Tell(new ActorIdentity(identify.MessageId, this), this);
                break;
            case DeathNotice notice:
                ReceiveDeathNotice(notice);
                break;
            case KeyedTimer timer:
                timer.LeaveMailbox();
                if (_extras?.Timers?.Accept(timer) is { } tick)
                {
                    ReceiveInstead(tick);
                }

                break;
            case ReceiveTimeoutCheck check:
                if (check.Timer.IsDue())
                {
                    ReceiveInstead(Actors.ReceiveTimeout.Instance);
                }

                break;
            default:
                throw new InvalidOperationException($"No actor receives {message.GetType()} by itself.");
        }
    }

    private ActorPath MakePath()
    {
        var path = _parent is null
            ? ActorPath.Root(new Address(_system.Name))
            : _parent.Path.Child(Name, Uid);
        Extras.Path = path;
        return path;
    }
}
