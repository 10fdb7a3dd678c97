using GpuActors.Actors.Persistence.Store;
using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>
/// One shared transaction, in two round trips: the first locks and reads what decides (owners, highest sequence
/// numbers), the second writes what was accepted and commits. Between the two nobody can take a scope away.
/// </summary>
internal sealed class PostgresBatch(HighestWritten highest)
{
    private const string LockOwners =
        "SELECT scope, epoch, owner FROM ownership WHERE scope = ANY ($1) ORDER BY scope FOR SHARE";

    private const string ReadHighest = """
        SELECT p.id, coalesce(
            (SELECT j.sequence_nr FROM journal AS j WHERE j.persistence_id = p.id ORDER BY j.sequence_nr DESC LIMIT 1),
            (SELECT m.sequence_nr FROM journal_metadata AS m WHERE m.persistence_id = p.id), 0)
        FROM unnest($1::text[]) AS p (id)
        """;

    private readonly Dictionary<string, (long Epoch, string? Owner)> _owners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _highest = new(StringComparer.Ordinal);
    private readonly HashSet<string> _remembered = new(StringComparer.Ordinal);

    public EventRows Events { get; } = new();

    public OtherRows Others { get; } = new();

    /// <summary>Commits the requests; gives, for each, why it was refused, or null.</summary>
    public List<Exception?> Commit(NpgsqlConnection connection, IReadOnlyList<PostgresRequest> requests)
    {
        var batched = requests.Cast<IBatchedRequest>().ToList();
        Begin(connection, batched);
        var refusals = batched.ConvertAll(request => CheckOwnership(request.Ownership) ?? request.AddTo(this));
        connection.Run(
            [.. Others.Commands(), .. Events.Commands(), PostgresSql.Command("COMMIT")],
            Events.ReadOrdering);
        Events.TellOrderings();
        return refusals;
    }

    /// <summary>Why the events of <paramref name="write"/> don't follow the last one; null if they do.</summary>
    /// <exception cref="DoubtfulHighestException">They don't follow what was remembered, which may be old.</exception>
    public SequenceConflictException? CheckSequence(AtomicWrite write)
    {
        var last = _highest[write.PersistenceId!];
        if (write.FirstSequenceNr != last + 1 && _remembered.Contains(write.PersistenceId!))
            throw new DoubtfulHighestException();
        if (write.FirstSequenceNr != last + 1)
            return new SequenceConflictException(write.PersistenceId!, write.FirstSequenceNr, last);
        _highest[write.PersistenceId!] = last + write.Events.Count;
        return null;
    }

    /// <summary>What is true once the batch is committed.</summary>
    public void Remember(IReadOnlyList<PostgresRequest> requests)
    {
        foreach (var request in requests.Cast<IBatchedRequest>())
        {
            if (request.PersistenceId is { } id && CheckOwnership(request.Ownership) is null)
                highest.Set(id, request.Ownership, _highest[id]);
        }
    }

    private void Begin(NpgsqlConnection connection, List<IBatchedRequest> requests)
    {
        var scopes = requests.Select(request => request.Ownership.Scope).Distinct(StringComparer.Ordinal).ToArray();
        var unknown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var request in requests)
        {
            if (request.PersistenceId is not { } id)
                continue;
            if (highest.Find(id, request.Ownership) is { } known)
                _highest[id] = known;
            else
                unknown.Add(id);
        }
        _remembered.UnionWith(_highest.Keys);
        _remembered.ExceptWith(unknown);
        connection.Run(
            [
                PostgresSql.Command("BEGIN"),
                PostgresSql.Command(LockOwners, (object)scopes),
                .. unknown.Count > 0 ? [PostgresSql.Command(ReadHighest, (object)unknown.ToArray())] : (NpgsqlBatchCommand[])[],
            ],
            reader => _owners[reader.GetString(0)] = (reader.GetInt64(1), reader.TextOrNull(2)),
            reader => _highest[reader.GetString(0)] = reader.GetInt64(1));
    }

    private FencedException? CheckOwnership(OwnershipToken token)
    {
        var (epoch, owner) = _owners.GetValueOrDefault(token.Scope);
        return epoch == token.Epoch && owner is not null ? null : new FencedException(token, epoch, owner);
    }
}

/// <summary>A remembered sequence number doesn't fit: the transaction must look.</summary>
internal sealed class DoubtfulHighestException : Exception;
