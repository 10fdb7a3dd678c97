namespace GpuActors.Actors.Remoting;

/// <summary>What remoting publishes on the event stream; subscribe to this type for all of it.</summary>
/// <param name="RemoteAddress">The peer.</param>
public abstract record RemotingEvent(Address RemoteAddress);

/// <summary>A connection to the peer is open.</summary>
/// <param name="RemoteAddress">The peer.</param>
/// <param name="Uid">Its incarnation.</param>
public sealed record AssociatedEvent(Address RemoteAddress, ulong Uid) : RemotingEvent(RemoteAddress);

/// <summary>The connection to the peer is lost or closed. Nothing is decided yet about the peer itself.</summary>
/// <param name="RemoteAddress">The peer.</param>
/// <param name="Reason">Why.</param>
public sealed record DisassociatedEvent(Address RemoteAddress, string Reason) : RemotingEvent(RemoteAddress);

/// <summary>
/// The peer is given up: its incarnation has left or been replaced, or it had no connection for too long. Watchers of
/// its actors have been sent <see cref="Terminated"/>.
/// </summary>
/// <param name="RemoteAddress">The peer.</param>
/// <param name="Uid">Its incarnation; 0 when none was ever seen.</param>
/// <param name="Reason">Why.</param>
public sealed record AddressTerminatedEvent(Address RemoteAddress, ulong Uid, string Reason)
    : RemotingEvent(RemoteAddress);

/// <summary>An incarnation of the peer is refused for good.</summary>
/// <param name="RemoteAddress">The peer.</param>
/// <param name="Uid">Its incarnation.</param>
/// <param name="Reason">Why.</param>
public sealed record QuarantinedEvent(Address RemoteAddress, ulong Uid, string Reason) : RemotingEvent(RemoteAddress);

/// <summary>The peer refuses this node's incarnation for good; only a restart of the actor system helps.</summary>
/// <param name="RemoteAddress">The peer.</param>
public sealed record ThisActorSystemQuarantinedEvent(Address RemoteAddress) : RemotingEvent(RemoteAddress);

/// <summary>
/// The send queue to the peer has become three quarters full, or less than a quarter full again. A sender that can
/// wait should, while it is high; when the queue is full, messages become dead letters.
/// </summary>
/// <param name="RemoteAddress">The peer.</param>
/// <param name="IsHigh">Whether pressure began or ended.</param>
public sealed record SendQueuePressureEvent(Address RemoteAddress, bool IsHigh) : RemotingEvent(RemoteAddress);
