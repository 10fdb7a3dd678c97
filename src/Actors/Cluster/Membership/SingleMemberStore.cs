using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Cluster;

/// <summary>A cluster of one node that shares nothing: its member is always up, and every claim is granted.</summary>
internal sealed class SingleMemberStore(TimeProvider time) : IMembershipStore, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ScopeRow> _scopes = new(StringComparer.Ordinal);
    private MemberRow? _member;
    private long _version;

    public bool IsShared => false;

    public Task<ClusterView> JoinAsync(NewMember member, TimeSpan lease)
    {
        lock (_gate)
        {
            _member = new MemberRow(member, MemberStatus.Joining, 1, time.GetUtcNow(), lease);
            _version++;
            return View();
        }
    }

    /// <summary>There is nobody else who could own anything.</summary>
    public Task<Ownership?> ReadOwnershipAsync(string scope) => Task.FromResult<Ownership?>(null);

    public Task<ClusterView> RenewAsync(string memberId, TimeSpan lease, long knownVersion)
    {
        lock (_gate)
        {
            return _member?.Member.Id == memberId && _member.Status < MemberStatus.Down
                ? View()
                : Task.FromException<ClusterView>(new MemberDownException($"Member {memberId} was set down."));
        }
    }

    public Task<ClusterView> ReadClusterAsync()
    {
        lock (_gate)
        {
            return View();
        }
    }

    public Task<bool> SetStatusAsync(string memberId, MemberStatus status)
    {
        lock (_gate)
        {
            if (_member?.Member.Id != memberId || status < _member.Status)
            {
                return Task.FromResult(false);
            }

            _member = status == MemberStatus.Removed ? null : _member with { Status = status };
            _version++;
            return Task.FromResult(true);
        }
    }

    public Task<IReadOnlyList<OwnershipToken>> ClaimAsync(string memberId, IReadOnlyList<string> scopes)
    {
        lock (_gate)
        {
            var tokens = new List<OwnershipToken>(scopes.Count);
            foreach (var scope in scopes)
            {
                var known = _scopes.GetValueOrDefault(scope);
                if (known?.OwnerId != memberId)
                {
                    var epoch = (known?.Token.Epoch ?? 0) + 1;
                    _scopes[scope] = known = new ScopeRow(new OwnershipToken(scope, epoch), memberId);
                    _version++;
                }

                tokens.Add(known.Token);
            }

            return Task.FromResult<IReadOnlyList<OwnershipToken>>(tokens);
        }
    }

    public Task ReleaseAsync(string memberId, IReadOnlyList<OwnershipToken> tokens)
    {
        lock (_gate)
        {
            foreach (var token in tokens)
            {
                _scopes[token.Scope] = new ScopeRow(token, null);
                _version++;
            }
        }

        return Task.CompletedTask;
    }

    public IDisposable OnChanged(Action changed) => this;

    public void Dispose()
    {
        // Nobody else changes anything, so there is nothing to listen to.
    }

    private Task<ClusterView> View() => Task.FromResult(
        new ClusterView(_version, _member is null ? [] : [_member], [.. _scopes.Values]));
}
