using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.TestKit.Stores;

/// <summary>The events of one persistence id, without holes, the oldest possibly deleted.</summary>
internal sealed class SimulatedJournal
{
    public List<StoredEvent> Events { get; } = [];

    /// <summary>Highest sequence number ever stored.</summary>
    public long Highest { get; private set; }

    public void Add(StoredEvent stored)
    {
        Events.Add(stored);
        Highest = stored.SequenceNr;
    }

    public List<StoredEvent> RemoveUpTo(long sequenceNr)
    {
        var removed = Events.GetRange(0, CountBefore(sequenceNr < long.MaxValue ? sequenceNr + 1 : sequenceNr));
        Events.RemoveRange(0, removed.Count);
        return removed;
    }

    public IEnumerable<StoredEvent> From(long sequenceNr) => Events.Skip(CountBefore(sequenceNr));

    private int CountBefore(long sequenceNr) =>
        Events.Count == 0 ? 0 : (int)Math.Clamp(sequenceNr - Events[0].SequenceNr, 0, Events.Count);
}

/// <summary>An index row and the scope under which it was written.</summary>
internal readonly record struct SimulatedEntity(EntityIndexEntry Entry, string Scope);
