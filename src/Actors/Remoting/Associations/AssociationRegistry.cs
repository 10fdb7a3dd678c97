using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Remoting.Associations;

/// <summary>The peers of this node. Their number is bounded: idle ones make room for new ones.</summary>
sealed class AssociationRegistry(RemoteNode node)
{
    readonly ConcurrentDictionary<Address, Association> _byAddress = new();
    readonly Lock _gate = new();

    public IEnumerable<Association> All => _byAddress.Values;

    /// <summary>The association with a peer; null when there are as many as there may be, none of them idle.</summary>
    public Association? GetOrAdd(Address address) =>
        _byAddress.TryGetValue(address, out var known) ? known : Add(address);

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

            return _byAddress[address] = new Association(node, address);
        }
    }

    bool TryMakeRoom()
    {
        var idle = _byAddress.Values.FirstOrDefault(association => association.TryRetire());
        return idle is not null && _byAddress.TryRemove(idle.RemoteAddress, out _);
    }
}
