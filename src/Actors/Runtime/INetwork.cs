using System.IO.Pipelines;

namespace GpuActors.Actors.Runtime;

/// <summary>Byte-stream connections between nodes: TCP in production, a fault-injecting model under simulation.</summary>
public interface INetwork
{
    /// <summary>Listens on <paramref name="host"/> and <paramref name="port"/> (0 picks a free port).</summary>
    ValueTask<INetworkListener> ListenAsync(string host, int port, CancellationToken cancellationToken);

    /// <summary>Connects, or throws <see cref="IOException"/>.</summary>
    ValueTask<INetworkConnection> ConnectAsync(string host, int port, CancellationToken cancellationToken);
}

/// <summary>A listening end point.</summary>
public interface INetworkListener : IAsyncDisposable
{
    /// <summary>The port in use, known also when 0 was asked for.</summary>
    int Port { get; }

    /// <summary>The next connection; null once the listener is closed.</summary>
    ValueTask<INetworkConnection?> AcceptAsync(CancellationToken cancellationToken);
}

/// <summary>
/// One ordered, reliable byte stream in each direction. Both pipes apply back-pressure: a flush completes only when
/// the other side's buffers have room. Disposing aborts both directions.
/// </summary>
public interface INetworkConnection : IAsyncDisposable
{
    /// <summary>The other end, for logs: <c>host:port</c>.</summary>
    string RemoteAddress { get; }

    /// <summary>What the other end sent.</summary>
    PipeReader Input { get; }

    /// <summary>What this end sends.</summary>
    PipeWriter Output { get; }
}
