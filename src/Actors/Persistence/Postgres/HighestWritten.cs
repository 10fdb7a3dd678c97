using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>
/// The highest sequence numbers of the persistence ids written last, each with the token under which it was written:
/// while the token is current nobody else has written under its scope, so most appends need not look. Should somebody
/// write one id under two scopes, the table's unique key notices.
/// </summary>
internal sealed class HighestWritten
{
    private const int Capacity = 65_536;

    private readonly Dictionary<string, (OwnershipToken Token, long Highest)> _written = new(StringComparer.Ordinal);

    public long? Find(string persistenceId, OwnershipToken token) =>
        _written.TryGetValue(persistenceId, out var written) && written.Token == token ? written.Highest : null;

    public void Set(string persistenceId, OwnershipToken token, long highest)
    {
        if (_written.Count >= Capacity)
            _written.Clear(); // those in use come back with their next write
        _written[persistenceId] = (token, highest);
    }

    public void Clear() => _written.Clear();
}
