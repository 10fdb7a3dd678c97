using System.Net;
using System.Net.Sockets;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Remoting.Transport;

sealed class TcpListeningSocket(Socket socket, int receiveBufferBytes) : INetworkListener
{
    volatile bool _closed;

    public int Port { get; } = ((IPEndPoint)socket.LocalEndPoint!).Port;

    /// <exception cref="IOException">No connection can be accepted now, say for want of descriptors.</exception>
    public async ValueTask<INetworkConnection?> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Socket? accepted = null;
            try
            {
                accepted = await socket.AcceptAsync(cancellationToken);
                accepted.NoDelay = true;
                return new TcpConnection(accepted, accepted.RemoteEndPoint!.ToString()!, receiveBufferBytes);
            }
            catch (Exception e) when (_closed && e is SocketException or ObjectDisposedException)
            {
                accepted?.Dispose();
                return null;
            }
            catch (SocketException) when (accepted is not null)
            {
                accepted.Dispose(); // The caller hung up between the kernel's accept and ours: wait for the next.
            }
            catch (SocketException e)
            {
                throw new IOException($"Cannot accept connections on port {Port}: {e.Message}", e);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _closed = true;
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
