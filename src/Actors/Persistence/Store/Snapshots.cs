namespace GpuActors.Actors.Persistence.Store;

/// <summary>A snapshot to save; one with the same persistence id and sequence number is replaced.</summary>
/// <param name="PersistenceId">Whose state it is.</param>
/// <param name="SequenceNr">Of the last event that the state includes.</param>
/// <param name="Manifest">Names the payload's type and version.</param>
/// <param name="Payload">JSON in UTF-8, at most <see cref="StoreLimits.MaxSnapshotBytes"/>.</param>
public sealed record NewSnapshot(string PersistenceId, long SequenceNr, string Manifest, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Throws <see cref="ArgumentException"/> if a part breaks a bound of <see cref="StoreLimits"/>.</summary>
    public void Validate()
    {
        StoreLimits.CheckName(PersistenceId, "A persistence id");
        StoreLimits.CheckName(Manifest, "A snapshot's manifest");
        StoreLimits.CheckSize(Payload.Length, StoreLimits.MaxSnapshotBytes, $"The snapshot of '{PersistenceId}'");
    }
}

/// <summary>A snapshot as the store gives it back.</summary>
/// <param name="PersistenceId">Whose state it is.</param>
/// <param name="SequenceNr">Of the last event that the state includes.</param>
/// <param name="CreatedUnixMs">When it was committed, in milliseconds since 1970 by the clock of the store.</param>
/// <param name="Manifest">Names the payload's type and version.</param>
/// <param name="Payload">JSON in UTF-8.</param>
/// <param name="WriterEpoch">Epoch of the ownership under which it was written.</param>
public sealed record StoredSnapshot(
    string PersistenceId,
    long SequenceNr,
    long CreatedUnixMs,
    string Manifest,
    ReadOnlyMemory<byte> Payload,
    long WriterEpoch);

/// <summary>Which snapshots of a persistence id are meant; all bounds inclusive.</summary>
/// <param name="MaxSequenceNr">Newest sequence number.</param>
/// <param name="MaxTimeStamp">Latest time of saving.</param>
/// <param name="MinSequenceNr">Oldest sequence number.</param>
/// <param name="MinTimestamp">Earliest time of saving; null for any.</param>
public sealed record SnapshotSelectionCriteria(
    long MaxSequenceNr,
    DateTimeOffset MaxTimeStamp,
    long MinSequenceNr = 0,
    DateTimeOffset? MinTimestamp = null)
{
    /// <summary>Every snapshot.</summary>
    public static SnapshotSelectionCriteria Latest { get; } = new(long.MaxValue);

    /// <summary>No snapshot: recovery replays all events.</summary>
    public static SnapshotSelectionCriteria None { get; } = new(0, DateTimeOffset.MinValue);

    /// <summary>Every snapshot up to a sequence number.</summary>
    public SnapshotSelectionCriteria(long maxSequenceNr) : this(maxSequenceNr, DateTimeOffset.MaxValue)
    {
    }
}
