using System.Text;
using GpuActors.Actors.Persistence.Store;
using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>Events of a shared transaction, as columns.</summary>
internal sealed class EventRows
{
    // Orderings are given after the rows are sorted, and, where events have tags, after the row of journal_order is
    // locked: whoever commits later has higher ones. See docs/decisions/0005.
    private const string Select = """
        SELECT e.id, e.nr, (extract(epoch FROM now()) * 1000)::bigint, e.manifest, e.tags, e.payload, e.epoch
        """;

    private const string Rows = """
        unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[])
            WITH ORDINALITY AS e (id, nr, manifest, tags, payload, epoch, place)
        """;

    private const string Insert =
        "INSERT INTO journal (persistence_id, sequence_nr, created, manifest, tags, payload, writer_epoch)";

    private const string InsertUntagged = $"{Insert} {Select} FROM {Rows} ORDER BY e.place RETURNING ordering";

    private const string InsertInTurn = $"""
        WITH turn AS (UPDATE journal_order SET turns = turns + 1 WHERE id = 1 RETURNING id)
        {Insert} {Select} FROM turn CROSS JOIN {Rows} ORDER BY e.place RETURNING ordering
        """;

    private const string InsertTags = """
        INSERT INTO tags (tag, ordering_id)
        SELECT t.tag, j.ordering FROM unnest($1::text[], $2::text[], $3::bigint[]) AS t (tag, id, nr)
        JOIN journal AS j ON j.persistence_id = t.id AND j.sequence_nr = t.nr
        ON CONFLICT DO NOTHING
        """;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private readonly List<string> _ids = [];
    private readonly List<long> _numbers = [];
    private readonly List<string> _manifests = [];
    private readonly List<string?> _joinedTags = [];
    private readonly List<string> _payloads = [];
    private readonly List<long> _epochs = [];
    private readonly List<(string Tag, string Id, long Number)> _tags = [];
    private readonly List<(int LastRow, Action<long> Tell)> _tell = [];
    private readonly List<long> _orderings = [];

    /// <summary>Adds the events of a write; <paramref name="tell"/> gets the ordering of the last.</summary>
    public void Add(AtomicWrite write, Action<long> tell)
    {
        for (var i = 0; i < write.Events.Count; i++)
            Add(write, write.Events[i], write.FirstSequenceNr + i);
        _tell.Add((_ids.Count - 1, tell));
    }

    public IEnumerable<NpgsqlBatchCommand> Commands()
    {
        if (_ids.Count == 0)
            yield break;
        yield return PostgresSql.Command(
            _tags.Count > 0 ? InsertInTurn : InsertUntagged,
            _ids.ToArray(), _numbers.ToArray(), _manifests.ToArray(), _joinedTags.ToArray(), _payloads.ToArray(),
            _epochs.ToArray());
        if (_tags.Count > 0)
            yield return PostgresSql.Command(
                InsertTags, _tags.Select(row => row.Tag).ToArray(), _tags.Select(row => row.Id).ToArray(),
                _tags.Select(row => row.Number).ToArray());
    }

    public void ReadOrdering(NpgsqlDataReader reader) => _orderings.Add(reader.GetInt64(0));

    public void TellOrderings()
    {
        foreach (var (lastRow, tell) in _tell)
            tell(_orderings[lastRow]);
    }

    /// <summary>A JSON text as the server takes it.</summary>
    public static string Text(ReadOnlyMemory<byte> utf8) => Utf8.GetString(utf8.Span);

    private void Add(AtomicWrite write, NewEvent newEvent, long sequenceNr)
    {
        _ids.Add(write.PersistenceId!);
        _numbers.Add(sequenceNr);
        _manifests.Add(newEvent.Manifest);
        _joinedTags.Add(newEvent.Tags.Count == 0 ? null : $";{string.Join(';', newEvent.Tags)};");
        _payloads.Add(Text(newEvent.Payload));
        _epochs.Add(write.Ownership.Epoch);
        foreach (var tag in newEvent.Tags)
            _tags.Add((tag, write.PersistenceId!, sequenceNr));
    }
}
