using System.Globalization;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Tests.Cluster;

/// <summary>The network of a simulation with a way to separate nodes.</summary>
internal sealed class PartitionableNetwork(INetwork inner)
{
    private readonly Dictionary<string, string> _nodesByAddress = [];
    private readonly HashSet<(string, string)> _separated = [];
    private readonly List<(string From, string To, INetworkConnection Connection)> _connections = [];

    /// <summary>The network as one node sees it.</summary>
    public INetwork Of(string node) => new NodeNetwork(this, node);

    /// <summary>Cuts all connections between two nodes; none can be made until <see cref="Heal"/>.</summary>
    public void Separate(string one, string other)
    {
        _separated.Add((one, other));
        _separated.Add((other, one));
        foreach (var (from, to, connection) in _connections.ToArray())
        {
            if (_separated.Contains((from, to)))
            {
                _ = connection.DisposeAsync().AsTask();
                _connections.Remove((from, to, connection));
            }
        }
    }

    public void Heal() => _separated.Clear();

    private static string Key(string host, int port) => string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");

    private sealed class NodeNetwork(PartitionableNetwork network, string node) : INetwork
    {
        public async ValueTask<INetworkListener> ListenAsync(
            string host, int port, CancellationToken cancellationToken)
        {
            var listener = await network.Inner.ListenAsync(host, port, cancellationToken);
            network._nodesByAddress[Key(host, listener.Port)] = node;
            return listener;
        }

        public async ValueTask<INetworkConnection> ConnectAsync(
            string host, int port, CancellationToken cancellationToken)
        {
            var to = network._nodesByAddress.GetValueOrDefault(Key(host, port), "nobody");
            var connection = await network.Inner.ConnectAsync(host, port, cancellationToken);
            if (network._separated.Contains((node, to)))
            {
                await connection.DisposeAsync();
                throw new IOException($"{node} can't reach {to}.");
            }

            network._connections.Add((node, to, connection));
            return connection;
        }
    }

    private INetwork Inner => inner;
}
