using GpuActors.Actors.Persistence.Store;
using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>Changes that have a transaction of their own.</summary>
internal static class PostgresChanges
{
    /// <summary>Throws unless the token allows writing; until the transaction ends nobody can take the scope away.
    /// </summary>
    public static void CheckOwnership(NpgsqlConnection connection, OwnershipToken token)
    {
        var found = connection.Query(
            "SELECT epoch, owner FROM ownership WHERE scope = $1 FOR SHARE",
            reader => (Epoch: reader.GetInt64(0), Owner: reader.TextOrNull(1)),
            token.Scope);
        var (epoch, owner) = found.Count > 0 ? found[0] : default;
        if (epoch != token.Epoch || owner is null)
            throw new FencedException(token, epoch, owner);
    }

    /// <summary>Deletes the oldest <paramref name="maxEvents"/> events up to a number; returns how many there were.
    /// </summary>
    public static int DeleteEvents(NpgsqlConnection connection, string persistenceId, long toSequenceNr, int maxEvents)
    {
        var oldest = connection.Query(
            """
            SELECT sequence_nr, ordering, tags FROM journal WHERE persistence_id = $1 AND sequence_nr <= $2
            ORDER BY sequence_nr LIMIT $3
            """,
            reader => (SequenceNr: reader.GetInt64(0), Ordering: reader.GetInt64(1), Tags: reader.TextOrNull(2)),
            persistenceId, toSequenceNr, maxEvents);
        if (oldest.Count == 0)
            return 0;
        var tags = oldest.Where(row => row.Tags is not null)
            .SelectMany(row => PostgresQueries.SplitTags(row.Tags).Select(tag => (Tag: tag, row.Ordering))).ToList();
        var last = oldest[^1].SequenceNr;
        connection.Execute(
            """
            DELETE FROM tags USING unnest($1::text[], $2::bigint[]) AS d (tag, ordering_id)
            WHERE tags.tag = d.tag AND tags.ordering_id = d.ordering_id
            """,
            tags.Select(row => row.Tag).ToArray(), tags.Select(row => row.Ordering).ToArray());
        connection.Execute("DELETE FROM journal WHERE persistence_id = $1 AND sequence_nr <= $2", persistenceId, last);
        connection.Execute(
            """
            INSERT INTO journal_metadata (persistence_id, sequence_nr) VALUES ($1, $2)
            ON CONFLICT (persistence_id) DO UPDATE
                SET sequence_nr = greatest(journal_metadata.sequence_nr, excluded.sequence_nr)
            """,
            persistenceId, last);
        return oldest.Count;
    }

    public static void DeleteSnapshots(
        NpgsqlConnection connection, string persistenceId, SnapshotSelectionCriteria criteria) => connection.Execute(
        """
        DELETE FROM snapshot
        WHERE persistence_id = $1 AND sequence_nr BETWEEN $2 AND $3 AND created BETWEEN $4 AND $5
        """,
        persistenceId, criteria.MinSequenceNr, criteria.MaxSequenceNr,
        criteria.MinTimestamp?.ToUnixTimeMilliseconds() ?? long.MinValue,
        criteria.MaxTimeStamp.ToUnixTimeMilliseconds());
}
