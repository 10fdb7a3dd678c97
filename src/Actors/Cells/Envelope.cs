namespace GpuActors.Actors;

/// <summary>A message in a mailbox: what, from whom, and the link to its neighbour in the queue.</summary>
internal class Envelope(object message, IActorRef? sender)
{
    public readonly object Message = message;
    public readonly IActorRef? Sender = sender;
    public Envelope? Next;
}

/// <summary>A message that occupies one of the places of a bounded mailbox until it is first processed.</summary>
internal sealed class BoundedEnvelope(object message, IActorRef? sender) : Envelope(message, sender)
{
    public bool HoldsPlace = true;
}
