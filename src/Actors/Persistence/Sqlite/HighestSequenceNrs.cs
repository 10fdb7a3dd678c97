namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>
/// The highest sequence numbers of the persistence ids written last, so that most appends need not look them up. Holds
/// only as long as nobody but this connection writes: SQLite's <c>data_version</c>, read under the write lock, tells.
/// </summary>
internal sealed class HighestSequenceNrs
{
    private const int Capacity = 65_536;

    private readonly Dictionary<string, long> _highest = new(StringComparer.Ordinal);
    private long _dataVersion = -1;

    /// <summary>Forgets everything if another connection has written since the last time.</summary>
    public void Begin(long dataVersion)
    {
        if (_dataVersion != dataVersion)
            _highest.Clear();
        _dataVersion = dataVersion;
    }

    /// <summary>Forgets everything: what was set in the transaction isn't so.</summary>
    public void RollBack() => _highest.Clear();

    public bool TryGet(string persistenceId, out long highest) => _highest.TryGetValue(persistenceId, out highest);

    public void Set(string persistenceId, long highest)
    {
        if (_highest.Count >= Capacity)
            _highest.Clear(); // those in use come back with their next write
        _highest[persistenceId] = highest;
    }
}
