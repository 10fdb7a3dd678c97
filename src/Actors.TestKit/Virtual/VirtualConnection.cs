using System.IO.Pipelines;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.TestKit;

/// <summary>One end of a connection.</summary>
internal sealed class VirtualConnection(string remoteAddress, VirtualLink outgoing, VirtualLink incoming)
    : INetworkConnection
{
    public string RemoteAddress => remoteAddress;

    public PipeReader Input => incoming.Reader;

    public PipeWriter Output => outgoing.Writer;

    public ValueTask DisposeAsync()
    {
        outgoing.Cut();
        incoming.Cut();
        return ValueTask.CompletedTask;
    }
}
