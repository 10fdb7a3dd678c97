namespace GpuActors.Actors.Remoting.Associations;

/// <summary>What an envelope on the wire is.</summary>
enum EnvelopeKind : byte
{
    /// <summary>A message for an actor.</summary>
    Message = 1,

    /// <summary>Nothing but a sign of life.</summary>
    Heartbeat = 2,

    /// <summary>The sender wants to know when an actor stops.</summary>
    Watch = 3,

    /// <summary>It no longer does.</summary>
    Unwatch = 4,

    /// <summary>A watched actor has stopped.</summary>
    DeathNotice = 5,

    /// <summary>A message that could not be read: tells its sender's node which type and why.</summary>
    Unreadable = 6,

    /// <summary>The node leaves for good; nothing follows.</summary>
    Goodbye = 7,
}

/// <summary>One entry of an <see cref="Outbox"/>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Recipient">For whom a message is.</param>
/// <param name="Sender">Who sent it.</param>
/// <param name="Message">The message itself, kept for dead letters until it is written.</param>
/// <param name="Text">A message's manifest; the path that a watch is about; what was unreadable.</param>
/// <param name="Flag">Of a death notice: whether the actor is known to have existed.</param>
readonly record struct OutboundEnvelope(
    EnvelopeKind Kind,
    RemoteActorRef? Recipient = null,
    IActorRef? Sender = null,
    object? Message = null,
    string? Text = null,
    bool Flag = false)
{
    /// <summary>Where the serialized message lies.</summary>
    public ArraySegment<byte> Payload { get; init; }

    /// <summary>What the entry counts for against the queue's limit of bytes.</summary>
    public int CostBytes => Payload.Count + 64;
}
