using System.Net.Sockets;

namespace GpuActors.Client.Http;

/// <summary>
/// Connections whose other end is asked for a sign of life by TCP: a request that waits for a job's end must not wait
/// for minutes on a server that has vanished without a word.
/// </summary>
internal static class LivelyConnections
{
    private const int SilenceSeconds = 5;
    private const int ProbeIntervalSeconds = 2;
    private const int Probes = 3;

    /// <summary>Connects for a <see cref="SocketsHttpHandler"/>.</summary>
    public static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);

            // Behind the connection: .NET 9 tries no second address of a name with a socket that has such options.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, SilenceSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeIntervalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
