using System.Globalization;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.TestKit.Simulation;

/// <summary>
/// Byte streams between hosts, and what goes wrong with them: delay, loss (a stream stands still and later goes on),
/// partitions of one or both directions, resets, dials that fail, hosts without power. As TCP does, a stream keeps its
/// order and repeats nothing; streams overtake each other.
/// </summary>
public sealed class SimulatedNetwork
{
    private const int FirstFreePort = 20_000;
    private static readonly TimeSpan DialAgain = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, NetworkHost> _hosts = new(StringComparer.Ordinal);
    private readonly Dictionary<(string From, string To), NetworkLink> _links = [];
    private readonly SortedDictionary<string, (VirtualListener Listener, SimulatedProcess Process)> _listeners =
        new(StringComparer.Ordinal);

    private readonly List<SimulatedConnection> _connections = [];
    private readonly HashSet<SimulatedProcess> _detached = [];
    private int _nextPort = FirstFreePort;
    private int _dials;

    internal SimulatedNetwork(VirtualRuntime runtime, SeededRandomSource random)
    {
        Runtime = runtime;
        Random = random;
    }

    internal VirtualRuntime Runtime { get; }

    internal SeededRandomSource Random { get; }

    /// <summary>The way from one host to another.</summary>
    public NetworkLink Link(string from, string to)
    {
        if (!_links.TryGetValue((from, to), out var link))
        {
            _links[(from, to)] = link = new NetworkLink(HostOf(from), HostOf(to));
        }

        return link;
    }

    /// <summary>Breaks all connections between two hosts.</summary>
    public void Reset(string host, string other)
    {
        foreach (var connection in _connections.ToArray())
        {
            if (connection.IsBetween(host, other))
            {
                connection.Break();
            }
        }
    }

    /// <summary>The host has power again. Its peers' old connections break when they hear from it.</summary>
    public void HostUp(string host)
    {
        var up = HostOf(host);
        up.IsDown = false;
        foreach (var connection in up.Forgotten)
        {
            connection.ResetPeer();
        }

        up.Forgotten.Clear();
        GoOn();
    }

    /// <summary>
    /// Takes a process off the network: nobody reaches it, and it reaches nobody. Its address is free for another.
    /// </summary>
    public void Detach(SimulatedProcess process)
    {
        var connections = _connections.Where(c => c.Owner == process).ToArray();
        ProcessEnded(process, hostDies: false);
        Array.ForEach(connections, connection => connection.Close());
        _detached.Add(process);
    }

    /// <summary>Ends all faults of links. Hosts without power stay as they are.</summary>
    public void Heal()
    {
        foreach (var link in _links.Values)
        {
            link.Heal();
        }
    }

    internal INetworkListener Listen(SimulatedProcess process, string host, int port)
    {
        var chosen = port == 0 ? _nextPort++ : port;
        var key = Key(host, chosen);
        var listener = new VirtualListener(chosen, () => _listeners.Remove(key));
        return _listeners.TryAdd(key, (listener, process))
            ? listener
            : throw new IOException($"{key} is in use.");
    }

    internal async Task<INetworkConnection> ConnectAsync(
        SimulatedProcess process, string host, int port, CancellationToken cancellationToken)
    {
        var there = Link(process.Host, host);
        var back = Link(host, process.Host);
        while (true)
        {
            await Task.Delay(Delay(there) + Delay(back), Runtime.Time, cancellationToken);
            if (!there.IsBlocked && !back.IsBlocked && !_detached.Contains(process))
            {
                return Connect(process, host, port, there, back);
            }

            await Task.Delay(DialAgain, Runtime.Time, cancellationToken);
        }
    }

    /// <summary>How long a packet takes now, retransmissions included.</summary>
    internal TimeSpan Delay(NetworkLink link)
    {
        var delay = Between(link.DelayMin, link.DelayMax);
        var again = TimeSpan.FromMilliseconds(200);
        for (var i = 0; i < 6 && link.LossChance > 0 && Random.NextDouble() < link.LossChance; i++, again *= 2)
        {
            delay += again;
        }

        return delay;
    }

    internal TimeSpan Between(TimeSpan min, TimeSpan max) =>
        min + TimeSpan.FromTicks((long)((max - min).Ticks * Random.NextDouble()));

    internal void Closed(SimulatedConnection connection) => _connections.Remove(connection);

    internal void ProcessEnded(SimulatedProcess process, bool hostDies)
    {
        foreach (var key in _listeners.Where(l => l.Value.Process == process).Select(l => l.Key).ToArray())
        {
            _listeners.Remove(key);
        }

        foreach (var connection in _connections.Where(c => c.Owner == process).ToArray())
        {
            _connections.Remove(connection);
            if (hostDies)
            {
                HostOf(process.Host).Forgotten.Add(connection);
            }
            else
            {
                connection.ResetPeer();
            }
        }

        HostOf(process.Host).IsDown |= hostDies;
    }

    private SimulatedConnection Connect(
        SimulatedProcess process, string host, int port, NetworkLink there, NetworkLink back)
    {
        if (!_listeners.TryGetValue(Key(host, port), out var listening))
        {
            throw new IOException($"Nobody listens on {Key(host, port)}.");
        }

        if (there.DialFailureChance > 0 && Random.NextDouble() < there.DialFailureChance)
        {
            throw new IOException($"{Key(host, port)} can't be reached now.");
        }

        var name = Key(process.Host, ++_dials);
        var (near, far) = SimulatedConnection.Pair(this, process, Key(host, port), there, listening.Process, name, back);
        _connections.Add(near);
        _connections.Add(far);
        listening.Listener.Add(far);
        return near;
    }

    private void GoOn()
    {
        foreach (var link in _links.Values)
        {
            link.GoOnIfOpen();
        }
    }

    private NetworkHost HostOf(string name)
    {
        if (!_hosts.TryGetValue(name, out var host))
        {
            _hosts[name] = host = new NetworkHost(name);
        }

        return host;
    }

    private static string Key(string host, int port) => string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
}
