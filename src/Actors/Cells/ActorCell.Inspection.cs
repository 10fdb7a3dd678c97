namespace GpuActors.Actors;

internal sealed partial class ActorCell
{
    /// <summary>What can be seen from any thread. Nothing is locked, so parts may be of different moments.</summary>
    internal ActorInfo Look() => new(
        Path, _props.ActorType.Name, ActivityNow(), CountWaiting(), Children?.Count ?? 0);

    private ActorActivity ActivityNow()
    {
        var inbox = Volatile.Read(ref _inbox);
        return _state switch
        {
            _ when ReferenceEquals(inbox, Closed) => ActorActivity.Stopping,
            var state when (state & (CellStates.Stopping | CellStates.Stopped)) != 0 => ActorActivity.Stopping,
            var state when (state & CellStates.Restarting) != 0 => ActorActivity.Restarting,
            var state when (state & CellStates.Suspended) != 0 => ActorActivity.Suspended,
            var state when (state & CellStates.Awaiting) != 0 => ActorActivity.Awaiting,
            _ => inbox is null ? ActorActivity.Idle : ActorActivity.Busy,
        };
    }

    /// <summary>A turn may relink the envelopes meanwhile, which makes the count wrong, but not endless.</summary>
    private int CountWaiting() =>
        Count(Volatile.Read(ref _pending), Count(Volatile.Read(ref _inbox), 0));

    private static int Count(Envelope? first, int counted)
    {
        var next = first;
        while (next is not null && !ReferenceEquals(next, Busy) && !ReferenceEquals(next, Closed)
            && counted < ActorInspection.MaxWaitingCounted)
        {
            counted++;
            next = next.Next;
        }

        return counted;
    }
}
