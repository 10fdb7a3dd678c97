namespace GpuActors.Actors.Persistence.Store;

/// <summary>
/// What is written together or not at all: consecutive events of one persistence id, an index row of the entity, and
/// blobs that the events refer to. Each part is optional, but not all may be missing.
/// </summary>
public sealed record AtomicWrite
{
    /// <summary>The right to write.</summary>
    public required OwnershipToken Ownership { get; init; }

    /// <summary>Whose events; null when there are none.</summary>
    public string? PersistenceId { get; init; }

    /// <summary>
    /// Sequence number of the first event. It must be one more than the highest that the store has for
    /// <see cref="PersistenceId"/>, otherwise somebody else has written or an earlier write failed, and this one is
    /// rejected.
    /// </summary>
    public long FirstSequenceNr { get; init; }

    /// <summary>The events, in order.</summary>
    public IReadOnlyList<NewEvent> Events { get; init; } = [];

    /// <summary>Index row to insert or replace.</summary>
    public EntityIndexEntry? IndexEntry { get; init; }

    /// <summary>Blobs to put; one that is there already is left alone.</summary>
    public IReadOnlyList<Blob> Blobs { get; init; } = [];

    /// <summary>Throws <see cref="ArgumentException"/> if a part breaks a bound of <see cref="StoreLimits"/>.</summary>
    public void Validate()
    {
        StoreLimits.CheckName(Ownership.Scope, "The ownership's scope");
        if (Events.Count == 0 && IndexEntry is null && Blobs.Count == 0)
            throw new ArgumentException("A write needs events, an index entry or blobs; all are missing.");
        if (Events.Count > 0)
            ValidateEvents();
        if (IndexEntry is not null)
            Validate(IndexEntry);
    }

    /// <summary>Roughly the bytes that the write holds in memory until it is committed.</summary>
    internal long SizeBytes
    {
        get
        {
            const int perPart = 128;
            long size = perPart;
            for (var i = 0; i < Events.Count; i++)
                size += perPart + Events[i].Payload.Length;
            for (var i = 0; i < Blobs.Count; i++)
                size += perPart + Blobs[i].Content.Length;
            return IndexEntry is null ? size : size + perPart + IndexEntry.Data.Length;
        }
    }

    private void ValidateEvents()
    {
        StoreLimits.CheckName(PersistenceId, "A persistence id");
        if (FirstSequenceNr < 1)
            throw new ArgumentException($"Sequence numbers start at 1; found {FirstSequenceNr} for '{PersistenceId}'.");
        if (Events.Count > StoreLimits.MaxEventsPerWrite)
            throw new ArgumentException(
                $"One write may hold {StoreLimits.MaxEventsPerWrite:N0} events; found {Events.Count:N0}.");
        foreach (var newEvent in Events)
        {
            StoreLimits.CheckName(newEvent.Manifest, "An event's manifest");
            StoreLimits.CheckSize(newEvent.Payload.Length, StoreLimits.MaxEventBytes, $"Event {newEvent.Manifest}");
            foreach (var tag in newEvent.Tags)
                StoreLimits.CheckTag(tag);
        }
    }

    private static void Validate(EntityIndexEntry entry)
    {
        StoreLimits.CheckName(entry.Kind, "An index entry's kind");
        StoreLimits.CheckName(entry.Id, "An index entry's id");
        StoreLimits.CheckName(entry.Tenant, "An index entry's tenant");
        StoreLimits.CheckName(entry.Status, "An index entry's status");
        StoreLimits.CheckSize(entry.Data.Length, StoreLimits.MaxIndexDataBytes, $"Index data of '{entry.Id}'");
    }
}
