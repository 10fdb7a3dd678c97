using GpuActors.Actors.Persistence.Store;
using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>Index rows, blobs and snapshots of a shared transaction. Of rows with the same key the last counts.</summary>
internal sealed class OtherRows
{
    private const string UpsertEntities = """
        INSERT INTO entity_index (kind, id, tenant, status, is_open, created, updated, data, scope)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::bigint[], $7::bigint[],
            $8::text[], $9::text[])
        ON CONFLICT (kind, id) DO UPDATE SET tenant = excluded.tenant, status = excluded.status,
            is_open = excluded.is_open, updated = excluded.updated, data = excluded.data, scope = excluded.scope
        """;

    private const string InsertBlobs = $"""
        INSERT INTO blob (owner, hash, size, data, created)
        SELECT b.owner, b.hash, length(b.data), b.data, {PostgresSql.NowMs}
        FROM unnest($1::text[], $2::bytea[], $3::bytea[]) AS b (owner, hash, data)
        ON CONFLICT DO NOTHING
        """;

    private const string UpsertSnapshots = $"""
        INSERT INTO snapshot (persistence_id, sequence_nr, created, manifest, payload, writer_epoch)
        SELECT s.id, s.nr, {PostgresSql.NowMs}, s.manifest, s.payload, s.epoch
        FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[]) AS s (id, nr, manifest, payload, epoch)
        ON CONFLICT (persistence_id, sequence_nr) DO UPDATE SET created = excluded.created,
            manifest = excluded.manifest, payload = excluded.payload, writer_epoch = excluded.writer_epoch
        """;

    private readonly Dictionary<(string Kind, string Id), (EntityIndexEntry Entry, string Scope)> _entities = [];
    private readonly List<Blob> _blobs = [];
    private readonly Dictionary<(string Id, long Number), (NewSnapshot Snapshot, long Epoch)> _snapshots = [];

    public void Add(EntityIndexEntry entry, string scope)
    {
        var key = (entry.Kind, entry.Id);
        if (_entities.TryGetValue(key, out var former))
            entry = entry with { CreatedAt = former.Entry.CreatedAt };
        _entities[key] = (entry, scope);
    }

    public void Add(IReadOnlyList<Blob> blobs) => _blobs.AddRange(blobs);

    public void Add(NewSnapshot snapshot, long epoch) =>
        _snapshots[(snapshot.PersistenceId, snapshot.SequenceNr)] = (snapshot, epoch);

    public IEnumerable<NpgsqlBatchCommand> Commands()
    {
        if (_entities.Count > 0)
            yield return Entities();
        if (_blobs.Count > 0)
            yield return PostgresSql.Command(
                InsertBlobs,
                _blobs.ConvertAll(blob => blob.Owner).ToArray(),
                _blobs.ConvertAll(blob => PostgresBlobs.BytesOf(blob.Hash)).ToArray(),
                _blobs.ConvertAll(blob => blob.Content.ToArray()).ToArray());
        if (_snapshots.Count > 0)
            yield return Snapshots();
    }

    // In the order of the keys: nodes that write the same rows wait for each other rather than deadlock.
    private NpgsqlBatchCommand Entities()
    {
        var rows = _entities.Values
            .OrderBy(row => row.Entry.Kind, StringComparer.Ordinal).ThenBy(row => row.Entry.Id, StringComparer.Ordinal)
            .ToList();
        return PostgresSql.Command(
            UpsertEntities,
            rows.ConvertAll(row => row.Entry.Kind).ToArray(),
            rows.ConvertAll(row => row.Entry.Id).ToArray(),
            rows.ConvertAll(row => row.Entry.Tenant).ToArray(),
            rows.ConvertAll(row => row.Entry.Status).ToArray(),
            rows.ConvertAll(row => row.Entry.IsOpen).ToArray(),
            rows.ConvertAll(row => row.Entry.CreatedAt.ToUnixTimeMilliseconds()).ToArray(),
            rows.ConvertAll(row => row.Entry.UpdatedAt.ToUnixTimeMilliseconds()).ToArray(),
            rows.ConvertAll(row => EventRows.Text(row.Entry.Data)).ToArray(),
            rows.ConvertAll(row => row.Scope).ToArray());
    }

    private NpgsqlBatchCommand Snapshots()
    {
        var rows = _snapshots.Values.ToList();
        return PostgresSql.Command(
            UpsertSnapshots,
            rows.ConvertAll(row => row.Snapshot.PersistenceId).ToArray(),
            rows.ConvertAll(row => row.Snapshot.SequenceNr).ToArray(),
            rows.ConvertAll(row => row.Snapshot.Manifest).ToArray(),
            rows.ConvertAll(row => EventRows.Text(row.Snapshot.Payload)).ToArray(),
            rows.ConvertAll(row => row.Epoch).ToArray());
    }
}
