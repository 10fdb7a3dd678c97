using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence;

/// <summary>From where and how far an actor recovers.</summary>
/// <param name="FromSnapshot">Snapshots to begin with; the newest of them is offered.</param>
/// <param name="ToSequenceNr">Last event to replay.</param>
/// <param name="ReplayMax">Most events to replay.</param>
public sealed record Recovery(
    SnapshotSelectionCriteria FromSnapshot, long ToSequenceNr = long.MaxValue, long ReplayMax = long.MaxValue)
{
    /// <summary>The newest snapshot and all events after it.</summary>
    public static Recovery Default { get; } = new(SnapshotSelectionCriteria.Latest);

    /// <summary>Nothing: the actor starts empty, behind the events that there are.</summary>
    public static Recovery None { get; } = new(SnapshotSelectionCriteria.None, 0, 0);
}

/// <summary>Told to an actor's recovery handlers once it has seen all of its past.</summary>
public sealed class RecoveryCompleted
{
    private RecoveryCompleted()
    {
    }

    /// <summary>The only one.</summary>
    public static RecoveryCompleted Instance { get; } = new();
}

/// <summary>An actor could not be recovered. Names the actor, and the event where there is one.</summary>
public sealed class RecoveryException(string message, Exception inner) : ActorException(message, inner);
