namespace GpuActors.Actors;

/// <summary>What a thread knows of actors: the one that runs on it, and the one that runs next.</summary>
internal sealed class TurnSlot
{
    [ThreadStatic]
    private static TurnSlot? t_slot;

#pragma warning disable RS0030 // only asked whether it is alive
    private readonly Thread _thread = Thread.CurrentThread;
#pragma warning restore RS0030
    private ActorCell? _next;
    private int _isOpen;
    private bool _isWatched;

    /// <summary>The slot of this thread; null when it never ran an actor.</summary>
    public static TurnSlot? OfThread => t_slot;

    /// <summary>The actor whose turn runs on the thread.</summary>
    public ActorCell? Running { get; set; }

    /// <summary>True while the thread runs turns and will look for the next.</summary>
    public bool IsOpen => _isOpen != 0;

    /// <summary>False once its thread has ended.</summary>
#pragma warning disable RS0030 // as above
    public bool IsInUse => _thread.IsAlive;
#pragma warning restore RS0030

    /// <summary>Counts what was taken, so that the watch can see whether the thread gets on.</summary>
    public int TakenCount { get; private set; }

    /// <summary>Only for the watch: <see cref="TakenCount"/> when it looked last.</summary>
    public int TakenCountSeen { get; set; }

    public bool HasNext => Volatile.Read(ref _next) is not null;

    /// <summary>This thread's slot.</summary>
    public static TurnSlot Get() => t_slot ??= new TurnSlot();

    /// <summary>Says that the thread will look for the next actor after the one that it runs.</summary>
    public void Open()
    {
        if (!_isWatched)
        {
            _isWatched = true;
            TurnWatch.Register(this);
        }

        // A full fence: the watch must see the open slot, or the thread that the watch sleeps.
        Interlocked.Exchange(ref _isOpen, 1);
        TurnWatch.WakeIfAsleep();
    }

    public void Close() => Volatile.Write(ref _isOpen, 0);

    /// <summary>Puts an actor in, on the slot's thread; returns the one that was in it.</summary>
    public ActorCell? Put(ActorCell cell)
    {
        if (_next is null)
        {
            Volatile.Write(ref _next, cell); // others only take, so null stays null
            return null;
        }

        return Interlocked.Exchange(ref _next, cell);
    }

    /// <summary>Takes the next actor, on the slot's thread.</summary>
    public ActorCell? Take()
    {
        TakenCount++;
        return _next is null ? null : TakeAway();
    }

    /// <summary>Takes the next actor from any thread.</summary>
    public ActorCell? TakeAway() => Interlocked.Exchange(ref _next, null);
}
