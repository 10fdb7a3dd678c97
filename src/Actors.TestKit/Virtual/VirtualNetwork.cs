using System.Globalization;
using System.IO.Pipelines;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.TestKit;

/// <summary>
/// Connections inside the process, for all systems of one simulation. Each direction is a pipe at the sender, a link
/// that carries bytes, and a pipe at the receiver, both bounded.
/// </summary>
public sealed class VirtualNetwork : INetwork
{
    private const int FirstFreePort = 20_000;
    private const int PipeBytesMax = 64 * 1024;

    private readonly VirtualRuntime _runtime;
    private readonly PipeOptions _pipeOptions;
    private readonly SortedDictionary<string, VirtualListener> _listeners = new(StringComparer.Ordinal);
    private int _nextPort = FirstFreePort;
    private int _connections;

    internal VirtualNetwork(VirtualRuntime runtime)
    {
        _runtime = runtime;
        var scheduler = new VirtualPipeScheduler(runtime);
        _pipeOptions = new PipeOptions(null, scheduler, scheduler, PipeBytesMax, PipeBytesMax / 2,
            useSynchronizationContext: false);
    }

    /// <exception cref="IOException">Somebody listens there already.</exception>
    public ValueTask<INetworkListener> ListenAsync(string host, int port, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var chosen = port == 0 ? _nextPort++ : port;
        var listener = new VirtualListener(chosen, () => _listeners.Remove(Key(host, chosen)));
        if (!_listeners.TryAdd(Key(host, chosen), listener))
        {
            throw new IOException($"{Key(host, chosen)} is in use.");
        }

        return new ValueTask<INetworkListener>(listener);
    }

    public async ValueTask<INetworkConnection> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        await _runtime.Yield(cancellationToken);
        if (!_listeners.TryGetValue(Key(host, port), out var listener))
        {
            throw new IOException($"Nobody listens on {Key(host, port)}.");
        }

        var client = string.Create(CultureInfo.InvariantCulture, $"client-{++_connections}");
        var there = new VirtualLink(_pipeOptions);
        var back = new VirtualLink(_pipeOptions);
        listener.Add(new VirtualConnection(client, back, there));
        return new VirtualConnection(Key(host, port), there, back);
    }

    private static string Key(string host, int port) => string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
}
