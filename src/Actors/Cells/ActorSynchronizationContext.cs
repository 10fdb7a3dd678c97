namespace GpuActors.Actors;

/// <summary>Brings what follows an <c>await</c> in a handler back to the actor's turn.</summary>
internal sealed class ActorSynchronizationContext(ActorCell cell) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => cell.SendSystemMessage(new Continuation(d, state));

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!ReferenceEquals(ActorCell.Current, cell))
        {
            throw new NotSupportedException("Waiting for an actor's turn would block a thread; use Post or Tell.");
        }

        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;
}
