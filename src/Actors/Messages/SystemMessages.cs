namespace GpuActors.Actors;

/// <summary>
/// Messages of the runtime to itself. They have a queue of their own that is served before user messages. Those for
/// death watch also travel between nodes; the others stay in the process.
/// </summary>
internal abstract record SystemMessage;

/// <summary>Tell <paramref name="Watcher"/> when <paramref name="Watchee"/> stops.</summary>
internal sealed record Watch(IActorRef Watchee, IActorRef Watcher) : SystemMessage;

/// <summary>Takes back a <see cref="Actors.Watch"/>.</summary>
internal sealed record Unwatch(IActorRef Watchee, IActorRef Watcher) : SystemMessage;

/// <summary><paramref name="Actor"/> has stopped, or its node is given up.</summary>
internal sealed record DeathWatchNotification(IActorRef Actor, bool ExistenceConfirmed, bool AddressTerminated)
    : SystemMessage;

/// <summary>Stop: children first, then the actor.</summary>
internal sealed record StopRequest : SystemMessage
{
    public static StopRequest Instance { get; } = new();
}

/// <summary>The last child of an actor that waits for its children has stopped.</summary>
internal sealed record ChildrenStopped : SystemMessage
{
    public static ChildrenStopped Instance { get; } = new();
}

/// <summary>Process no user messages until told otherwise.</summary>
internal sealed record Suspend : SystemMessage
{
    public static Suspend Instance { get; } = new();
}

/// <summary>Goes on with the next message.</summary>
/// <param name="AfterFailure">True when this is the supervisor's answer to the actor's own failure.</param>
internal sealed record Resume(bool AfterFailure) : SystemMessage;

/// <summary>Replace the actor's instance.</summary>
internal sealed record Restart(Exception Cause) : SystemMessage;

/// <summary>A child failed and waits for a directive.</summary>
internal sealed record Failed(ActorCell Child, Exception Cause) : SystemMessage;

/// <summary>A continuation of an async handler.</summary>
internal sealed record Continuation(SendOrPostCallback Callback, object? State) : SystemMessage;

/// <summary>The task of an async handler has ended.</summary>
internal sealed record HandlerCompleted(Task Handler) : SystemMessage;
