namespace GpuActors.Actors;

internal sealed partial class ActorCell : IActorContext
{
    public IActorRef Self => this;

    public IActorRef Sender => _current?.Sender ?? _system.DeadLetters;

    public IActorRef Parent => _parent ?? (IActorRef)this;

    public Props Props => _props;

    public ActorSystem System => _system;

    public TimeSpan? ReceiveTimeout => _extras?.ReceiveTimeout?.Timeout;

    internal IActorRef? SenderOrNull => _current?.Sender;

    internal object? CurrentMessage => _current?.Message;

    internal Envelope? CurrentEnvelope => _current;

    /// <summary>The children at this moment; null without any.</summary>
    internal ChildTable? Children => Volatile.Read(ref _extras)?.Children;

    public IActorRef ActorOf(Props props, string? name = null)
    {
        AssertOnTurn();
        if ((_state & (CellStates.Stopping | CellStates.Stopped)) != 0)
        {
            throw new InvalidOperationException($"{Path} is stopping; it takes no more children.");
        }

        var child = CreateChild(props, name);
        for (var i = 0; i < _extras!.SuspendCount; i++)
        {
            child.SendSystemMessage(Actors.Suspend.Instance);
        }

        return child;
    }

    public ActorSelection ActorSelection(string path) => new(_system, this, path);

    public IActorRef Child(string name) => FindChild(name) ?? ActorRefs.Nobody;

    public IReadOnlyCollection<IActorRef> GetChildren() => Children?.Snapshot() ?? [];

    public void Stop(IActorRef child)
    {
        if (child is not ActorCell cell)
        {
            throw new ArgumentException($"{child} is not a local actor; send it a PoisonPill.", nameof(child));
        }

        cell.StopByParent();
    }

    public void SetReceiveTimeout(TimeSpan? timeout)
    {
        AssertOnTurn();
        _extras?.ReceiveTimeout?.Cancel();
        Extras.ReceiveTimeout = timeout is { } value ? new ReceiveTimeoutTimer(this, value) : null;
    }

    public void Become(Receive receive) => _actor!.BecomeCore(receive, stacked: false);

    public void BecomeStacked(Receive receive) => _actor!.BecomeCore(receive, stacked: true);

    public void UnbecomeStacked() => _actor!.UnbecomeCore();

    internal ActorCell? FindChild(ReadOnlySpan<char> name) => Children?.Find(name);

    /// <summary>Makes a child; safe from any thread, which the guardians need.</summary>
    internal ActorCell CreateChild(Props props, string? name)
    {
        if (name is not null && (!ActorPath.IsValidName(name) || name[0] == '$'))
        {
            throw new InvalidActorNameException(
                $"'{name}' is not an actor's name; expected 1 to 256 of ASCII letters, digits and -_.*$+:@&=,!~'; "
                + "and no leading $.");
        }

        var child = new ActorCell(_system, this, props, name);
        switch (EnsureChildren().TryAdd(child))
        {
            case ChildTable.Addition.NameTaken:
                throw new InvalidActorNameException($"{Path} has a child named '{name}' already.");
            case ChildTable.Addition.Closed:
                throw new InvalidOperationException($"{Path} is stopping; it takes no more children.");
        }

        child.Start();
        return child;
    }

    internal IStash GetStash() =>
        Extras.Stash ??= new Stash(this, _props.StashCapacity ?? _system.Settings.StashCapacity);

    internal ITimerScheduler GetTimers() => Extras.Timers ??= new TimerScheduler(this);

    /// <summary>Puts messages before all others, keeping their order.</summary>
    internal void Prepend(IReadOnlyList<Envelope> envelopes)
    {
        for (var i = envelopes.Count - 1; i >= 0; i--)
        {
            envelopes[i].Next = _pending;
            _pending = envelopes[i];
        }
    }

    private bool IsGuardian => _parent?._parent is null;

    private ChildTable EnsureChildren()
    {
        var extras = Extras;
        if (extras.Children is null)
        {
            Interlocked.CompareExchange(ref extras.Children, new ChildTable(), null);
        }

        return extras.Children;
    }
}
