using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Cluster;

/// <summary>This node's copy of who owns what.</summary>
internal sealed class ScopeTable
{
    private readonly Dictionary<string, ScopeRow> _rows = new(StringComparer.Ordinal);

    /// <summary>Forgets everything.</summary>
    public void Clear() => _rows.Clear();

    /// <summary>Takes a row over; false when it says nothing new.</summary>
    public bool Apply(ScopeRow row)
    {
        if (_rows.TryGetValue(row.Token.Scope, out var known) && (known == row || known.Token.Epoch > row.Token.Epoch))
        {
            return false;
        }

        _rows[row.Token.Scope] = row;
        return true;
    }

    /// <summary>Scopes that a member owns.</summary>
    public int CountOwnedBy(string memberId) => _rows.Values.Count(row => row.OwnerId == memberId);

    /// <summary>The rows whose scope begins with <paramref name="prefix"/>.</summary>
    public IReadOnlyList<ScopeRow> Under(string prefix) =>
        [.. _rows.Values.Where(row => row.Token.Scope.StartsWith(prefix, StringComparison.Ordinal))];

    /// <summary>Frees a scope that this node has released.</summary>
    public ScopeRow? Release(OwnershipToken token)
    {
        if (!_rows.TryGetValue(token.Scope, out var known) || known.Token != token)
        {
            return null;
        }

        return _rows[token.Scope] = known with { OwnerId = null };
    }
}
