using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Remoting.Associations;

/// <summary>The peers of this node. Their number is bounded: idle ones make room for new ones.</summary>
sealed class AssociationRegistry(RemoteNode node)
{
    readonly ConcurrentDictionary<Address, Association> _byAddress = new();
    readonly Lock _gate = new();
    volatile Association[] _all = []; // in the order in which they were made, so that a simulation can be replayed

    public IReadOnlyList<Association> All => _all;

    /// <summary>The association with a peer; null when there are as many as there may be, none of them idle.</summary>
    public Association? GetOrAdd(Address address) =>
        _byAddress.TryGetValue(address, out var known) ? known : Add(address);

    /// <summary>The association with a peer; null without one.</summary>
    public Association? Find(Address address) => _byAddress.GetValueOrDefault(address);

    Association? Add(Address address)
    {
        lock (_gate)
        {
            if (_byAddress.TryGetValue(address, out var known))
            {
                return known;
            }

            if (_byAddress.Count >= node.Settings.MaxAssociations && !TryMakeRoom())
            {
                node.Log.Limited("associations").LogError(
                    "No association with {RemoteAddress}: this node has {Count} already "
                    + "(RemoteSettings.MaxAssociations)", address, _byAddress.Count);
                return null;
            }

            var association = _byAddress[address] = new Association(node, address);
            _all = [.. _all, association];
            return association;
        }
    }

    bool TryMakeRoom()
    {
        var idle = Array.Find(_all, association => association.TryRetire());
        if (idle is null)
        {
            return false;
        }

        _all = [.. _all.Where(association => association != idle)];
        return _byAddress.TryRemove(idle.RemoteAddress, out _);
    }
}
