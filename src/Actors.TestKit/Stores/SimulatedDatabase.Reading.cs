using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.TestKit.Stores;

public sealed partial class SimulatedDatabase
{
    internal IReadOnlyList<StoredEvent> ReadEvents(string persistenceId, long from, long to, int limit) =>
        _journals.TryGetValue(persistenceId, out var journal)
            ? Page(journal.From(from).TakeWhile(stored => stored.SequenceNr <= to), limit)
            : [];

    internal long HighestSequenceNr(string persistenceId) =>
        _journals.TryGetValue(persistenceId, out var journal) ? journal.Highest : 0;

    internal StoredSnapshot? LatestSnapshot(string persistenceId, SnapshotSelectionCriteria criteria) =>
        _snapshots.TryGetValue(persistenceId, out var saved)
            ? saved.Values.LastOrDefault(snapshot => Matches(snapshot, criteria))
            : null;

    internal IReadOnlyList<StoredEvent> ReadEventsByTag(string? tag, long afterOrdering, int limit)
    {
        var found = tag is null ? AllEvents() : _tagged.GetValueOrDefault(tag, []);
        return Page(found.SkipWhile(stored => stored.Ordering <= afterOrdering), limit);
    }

    internal IReadOnlyList<StoredEvent> ReadNewestEvents(int limit) =>
        [.. Enumerable.Reverse(Page(Enumerable.Reverse(AllEvents()), limit))];

    private IEnumerable<StoredEvent> AllEvents() =>
        _journals.Values.SelectMany(journal => journal.Events).OrderBy(stored => stored.Ordering);

    internal EntityIndexEntry? FindEntity(string kind, string id) =>
        _entities.TryGetValue(kind, out var ofKind) && ofKind.TryGetValue(id, out var found) ? found.Entry : null;

    internal IReadOnlyList<EntityIndexEntry> ListEntities(EntityIndexQuery query) =>
        [.. OfKind(query.Kind)
            .Select(row => row.Entry)
            .Where(entry => query.Tenant is null || entry.Tenant == query.Tenant)
            .Where(entry => query.Status is null || entry.Status == query.Status)
            .Where(entry => query.After is null || IsBehind(entry, query.After))
            .OrderByDescending(entry => entry.CreatedAt.ToUnixTimeMilliseconds())
            .ThenByDescending(entry => entry.Id, StringComparer.Ordinal)
            .Take(query.Limit)];

    internal IReadOnlyList<EntityIndexEntry> ListOpenEntities(string kind, string? scope, string? afterId, int limit) =>
        [.. OfKind(kind)
            .Where(row => row.Entry.IsOpen && (scope is null || row.Scope == scope))
            .Where(row => string.CompareOrdinal(row.Entry.Id, afterId ?? "") > 0)
            .Select(row => row.Entry)
            .Take(limit)];

    internal IReadOnlyList<string> ListPersistenceIds(string prefix, string? afterId, int limit) =>
        [.. _journals
            .Where(journal => journal.Value.Events.Count > 0)
            .Select(journal => journal.Key)
            .Where(id => id.StartsWith(prefix, StringComparison.Ordinal))
            .Where(id => string.CompareOrdinal(id, afterId ?? "") > 0)
            .Take(limit)];

    private IEnumerable<SimulatedEntity> OfKind(string kind) =>
        _entities.TryGetValue(kind, out var ofKind) ? ofKind.Values : [];

    private static bool IsBehind(EntityIndexEntry entry, EntityCursor cursor)
    {
        var created = entry.CreatedAt.ToUnixTimeMilliseconds();
        return created < cursor.CreatedUnixMs
               || (created == cursor.CreatedUnixMs && string.CompareOrdinal(entry.Id, cursor.Id) < 0);
    }

    private static bool Matches(StoredSnapshot snapshot, SnapshotSelectionCriteria criteria) =>
        snapshot.SequenceNr >= criteria.MinSequenceNr && snapshot.SequenceNr <= criteria.MaxSequenceNr
        && snapshot.CreatedUnixMs <= criteria.MaxTimeStamp.ToUnixTimeMilliseconds()
        && snapshot.CreatedUnixMs >= (criteria.MinTimestamp?.ToUnixTimeMilliseconds() ?? long.MinValue);

    private static List<StoredEvent> Page(IEnumerable<StoredEvent> events, int limit)
    {
        var page = new List<StoredEvent>();
        var sizeBytes = 0L;
        foreach (var stored in events.Take(limit))
        {
            page.Add(stored);
            sizeBytes += stored.Payload.Length;
            if (sizeBytes >= StoreLimits.MaxPageBytes)
                break;
        }
        return page;
    }
}
