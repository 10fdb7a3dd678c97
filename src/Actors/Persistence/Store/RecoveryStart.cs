namespace GpuActors.Actors.Persistence.Store;

/// <summary>With what the recovery of an actor begins.</summary>
/// <param name="Snapshot">The newest snapshot that matches; null if there is none.</param>
/// <param name="FirstPage">The first events after the snapshot.</param>
/// <param name="HighestSequenceNr">Highest sequence number ever stored, deleted or not; 0 if none.</param>
public sealed record RecoveryStart(
    StoredSnapshot? Snapshot, IReadOnlyList<StoredEvent> FirstPage, long HighestSequenceNr);
