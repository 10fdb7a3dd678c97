using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.TestKit.Simulation;

/// <summary>The network as a process sees it.</summary>
internal sealed class ProcessNetwork(SimulatedNetwork network, SimulatedProcess process) : INetwork
{
    public ValueTask<INetworkListener> ListenAsync(string host, int port, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<INetworkListener>(network.Listen(process, host, port));
    }

    public ValueTask<INetworkConnection> ConnectAsync(string host, int port, CancellationToken cancellationToken) =>
        new(network.ConnectAsync(process, host, port, cancellationToken));
}
