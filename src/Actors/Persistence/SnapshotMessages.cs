using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence;

/// <summary>Which snapshot.</summary>
/// <param name="PersistenceId">Whose state.</param>
/// <param name="SequenceNr">Of the last event in it.</param>
/// <param name="Timestamp">When it was taken.</param>
public sealed record SnapshotMetadata(string PersistenceId, long SequenceNr, DateTimeOffset Timestamp);

/// <summary>Told to the recovery handlers before the events that follow the snapshot.</summary>
public sealed record SnapshotOffer(SnapshotMetadata Metadata, object Snapshot);

/// <summary>A snapshot is durable.</summary>
public sealed record SaveSnapshotSuccess(SnapshotMetadata Metadata);

/// <summary>A snapshot was not saved. The actor goes on: its events are all it needs.</summary>
public sealed record SaveSnapshotFailure(SnapshotMetadata Metadata, Exception Cause);

/// <summary>Answer to <c>DeleteMessages</c>.</summary>
public sealed record DeleteMessagesSuccess(long ToSequenceNr);

/// <summary>Answer to <c>DeleteMessages</c>; some events may be gone.</summary>
public sealed record DeleteMessagesFailure(Exception Cause, long ToSequenceNr);

/// <summary>Answer to <c>DeleteSnapshots</c>.</summary>
public sealed record DeleteSnapshotsSuccess(SnapshotSelectionCriteria Criteria);

/// <summary>Answer to <c>DeleteSnapshots</c>.</summary>
public sealed record DeleteSnapshotsFailure(SnapshotSelectionCriteria Criteria, Exception Cause);
