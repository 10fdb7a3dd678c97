using System.Text;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Tests.Persistence;

/// <summary>Writes as tests need them.</summary>
internal static class Write
{
    public static byte[] Json(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);

    public static NewEvent Event(string payload = "{}", params string[] tags) =>
        new("test/1", Json(payload)) { Tags = tags };

    public static AtomicWrite Events(OwnershipToken ownership, string persistenceId, long firstSequenceNr, int count) =>
        Events(ownership, persistenceId, firstSequenceNr,
            [.. Enumerable.Range(0, count).Select(i => Event($$"""{"n":{{firstSequenceNr + i}}}"""))]);

    public static AtomicWrite Events(
        OwnershipToken ownership, string persistenceId, long firstSequenceNr, params NewEvent[] events) => new()
        {
            Ownership = ownership,
            PersistenceId = persistenceId,
            FirstSequenceNr = firstSequenceNr,
            Events = events,
        };

    public static EntityIndexEntry Entity(
        string id, int createdAtMs, string tenant = "t", string status = "Queued", bool isOpen = true) => new()
        {
            Kind = "session",
            Id = id,
            Tenant = tenant,
            Status = status,
            IsOpen = isOpen,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(createdAtMs),
            UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(createdAtMs),
            Data = Json($$"""{"id":"{{id}}"}"""),
        };

    public static AtomicWrite Index(OwnershipToken ownership, EntityIndexEntry entry) =>
        new() { Ownership = ownership, IndexEntry = entry };
}
