using System.Collections.Concurrent;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence;

/// <summary>Which actors own scopes: all persistent actors below one write under its token.</summary>
internal sealed class OwnershipRegistry : IExtension
{
    private readonly ConcurrentDictionary<ActorCell, OwnershipToken> _tokens = new();

    public static OwnershipRegistry Get(ActorSystem system) => system.RegisterExtension(Id.Instance);

    /// <summary>Lets the actors below <paramref name="owner"/> that start from now on write under a token.</summary>
    public void Register(ActorCell owner, OwnershipToken token) => _tokens[owner] = token;

    /// <summary>Takes it back; writes that are under way are the store's to refuse.</summary>
    public void Unregister(ActorCell owner) => _tokens.TryRemove(owner, out _);

    /// <summary>The token of the nearest ancestor that has one; null if none has.</summary>
    public OwnershipToken? Find(ActorCell actor)
    {
        if (_tokens.IsEmpty)
        {
            return null;
        }

        for (var cell = actor; ; cell = (ActorCell)cell.Parent)
        {
            if (_tokens.TryGetValue(cell, out var token))
            {
                return token;
            }

            if (ReferenceEquals(cell.Parent, cell))
            {
                return null;
            }
        }
    }

    private sealed class Id : IExtensionId<OwnershipRegistry>
    {
        public static readonly Id Instance = new();

        public OwnershipRegistry CreateExtension(ActorSystem system) => new();
    }
}
