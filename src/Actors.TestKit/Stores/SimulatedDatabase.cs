using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.TestKit.Stores;

/// <summary>
/// A database in memory that the simulated nodes of a cluster share, each through a <see cref="SimulatedStore"/> of its
/// own (<see cref="Connect"/>). It outlives its nodes: what a node has written is there for its successor. Its clock is
/// the runtime's, put forward by <see cref="ClockSkew"/>.
/// </summary>
public sealed partial class SimulatedDatabase(IActorRuntime runtime)
{
    private readonly Lock _lock = new(); // for tests on real threads; a simulation has one
    private readonly SortedDictionary<string, SimulatedJournal> _journals = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<StoredEvent>> _tagged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<long, StoredSnapshot>> _snapshots = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<string, SimulatedEntity>> _entities =
        new(StringComparer.Ordinal);
    private long _lastOrdering;

    /// <summary>How far the database's clock is ahead of the runtime's (negative: behind). May change at any time.
    /// </summary>
    public TimeSpan ClockSkew { get; set; }

    /// <summary>A bug to be found; none as a rule.</summary>
    public PlantedStoreBug PlantedBug { get; set; }

    internal long NowUnixMs => (runtime.Time.GetUtcNow() + ClockSkew).ToUnixTimeMilliseconds();

    /// <summary>A node's way to the database.</summary>
    /// <param name="node">The node's name, for <paramref name="faults"/>.</param>
    /// <param name="faults">What goes wrong; null: nothing.</param>
    /// <param name="settings">How long requests take, and bounds.</param>
    /// <param name="process">The node's own process, which may be paused; null: the database's runtime.</param>
    public SimulatedStore Connect(
        string node,
        IStoreFaults? faults = null,
        SimulatedStoreSettings? settings = null,
        IActorRuntime? process = null) =>
        new(this, process ?? runtime, node, faults, settings ?? new SimulatedStoreSettings());

    /// <summary>Called for each event that has become durable, with the token under which it was written.</summary>
    public event Action<StoredEvent, OwnershipToken>? Committed;

    /// <summary>The newest epoch of a scope; 0 if nobody ever owned it.</summary>
    public long EpochOf(string scope) => ReadOwnership(scope)?.Token.Epoch ?? 0;

    /// <summary>All events, by persistence id and sequence number: for the checks of a simulation.</summary>
    public IReadOnlyList<StoredEvent> ReadAllEvents()
    {
        lock (_lock)
            return [.. _journals.Values.SelectMany(journal => journal.Events)];
    }

    /// <summary>Runs a transaction: nobody else reads or changes anything meanwhile.</summary>
    internal T Run<T>(Func<SimulatedDatabase, T> transaction)
    {
        lock (_lock)
            return transaction(this);
    }

    internal long Append(AtomicWrite write)
    {
        CheckOwnership(write.Ownership);
        if (write.Events.Count > 0)
            CheckSequence(write);
        var ordering = write.Events.Count > 0 ? InsertEvents(write) : 0;
        if (write.IndexEntry is not null)
            UpsertEntity(write.IndexEntry, write.Ownership.Scope);
        PutBlobs(write.Blobs);
        return ordering;
    }

    internal void SaveSnapshot(OwnershipToken ownership, NewSnapshot snapshot)
    {
        CheckOwnership(ownership);
        if (!_snapshots.TryGetValue(snapshot.PersistenceId, out var saved))
            _snapshots[snapshot.PersistenceId] = saved = [];
        saved[snapshot.SequenceNr] = new StoredSnapshot(
            snapshot.PersistenceId, snapshot.SequenceNr, NowUnixMs, snapshot.Manifest, snapshot.Payload,
            ownership.Epoch);
    }

    internal void DeleteSnapshots(OwnershipToken ownership, string persistenceId, SnapshotSelectionCriteria criteria)
    {
        CheckOwnership(ownership);
        if (!_snapshots.TryGetValue(persistenceId, out var saved))
            return;
        foreach (var snapshot in saved.Values.Where(snapshot => Matches(snapshot, criteria)).ToList())
            saved.Remove(snapshot.SequenceNr);
    }

    internal void DeleteEvents(OwnershipToken ownership, string persistenceId, long toSequenceNr)
    {
        CheckOwnership(ownership);
        if (!_journals.TryGetValue(persistenceId, out var journal))
            return;
        foreach (var deleted in journal.RemoveUpTo(toSequenceNr))
        {
            foreach (var tag in deleted.Tags)
                _tagged[tag].Remove(deleted);
        }
    }

    private void CheckSequence(AtomicWrite write)
    {
        var highest = HighestSequenceNr(write.PersistenceId!);
        if (write.FirstSequenceNr != highest + 1)
            throw new SequenceConflictException(write.PersistenceId!, write.FirstSequenceNr, highest);
    }

    private long InsertEvents(AtomicWrite write)
    {
        if (!_journals.TryGetValue(write.PersistenceId!, out var journal))
            _journals[write.PersistenceId!] = journal = new SimulatedJournal();
        for (var i = 0; i < write.Events.Count; i++)
        {
            var stored = Stored(write, write.Events[i], write.FirstSequenceNr + i);
            journal.Add(stored);
            foreach (var tag in stored.Tags)
                EventsOf(tag).Add(stored);
            Committed?.Invoke(stored, write.Ownership);
        }
        return _lastOrdering;
    }

    private StoredEvent Stored(AtomicWrite write, NewEvent newEvent, long sequenceNr) => new()
    {
        Ordering = ++_lastOrdering,
        PersistenceId = write.PersistenceId!,
        SequenceNr = sequenceNr,
        CreatedUnixMs = NowUnixMs,
        Manifest = newEvent.Manifest,
        Payload = newEvent.Payload,
        Tags = newEvent.Tags,
        WriterEpoch = write.Ownership.Epoch,
    };

    private List<StoredEvent> EventsOf(string tag)
    {
        if (!_tagged.TryGetValue(tag, out var events))
            _tagged[tag] = events = [];
        return events;
    }

    private void UpsertEntity(EntityIndexEntry entry, string scope)
    {
        if (!_entities.TryGetValue(entry.Kind, out var ofKind))
            _entities[entry.Kind] = ofKind = new SortedDictionary<string, SimulatedEntity>(StringComparer.Ordinal);
        var createdAt = ofKind.TryGetValue(entry.Id, out var former) ? former.Entry.CreatedAt : entry.CreatedAt;
        ofKind[entry.Id] = new SimulatedEntity(entry with { CreatedAt = createdAt }, scope);
    }
}
