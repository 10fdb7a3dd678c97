using System.Net;
using System.Net.Sockets;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Remoting.Transport;

/// <summary>
/// TCP sockets read and written through pipes. Nothing is pumped ahead: bytes leave the kernel only when the reader
/// asks for them and a flush completes only when the kernel has taken them, so a slow peer slows its sender through
/// TCP's own windows, and a connection holds no more than one receive buffer of unread bytes.
/// </summary>
public sealed class TcpNetwork : INetwork
{
    readonly int _receiveBufferBytes;
    readonly int _backlog;

    /// <param name="receiveBufferBytes">Bytes asked of the kernel per read.</param>
    /// <param name="backlog">Connections that the kernel holds until they are accepted.</param>
    public TcpNetwork(int receiveBufferBytes = 64 * 1024, int backlog = 512)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(receiveBufferBytes, 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(backlog, 1);
        _receiveBufferBytes = receiveBufferBytes;
        _backlog = backlog;
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The host is unknown, or the port is in use or forbidden.</exception>
    public async ValueTask<INetworkListener> ListenAsync(string host, int port, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        Socket? socket = null;
        try
        {
            var address = await ResolveAsync(host, cancellationToken);
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(_backlog);
            return new TcpListeningSocket(socket, _receiveBufferBytes);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw new IOException($"Cannot listen on {host}:{port}: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<INetworkConnection> ConnectAsync(
        string host, int port, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(host, port, cancellationToken);
            return new TcpConnection(socket, $"{host}:{port}", _receiveBufferBytes);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"Cannot connect to {host}:{port}: {e.Message}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    static async ValueTask<IPAddress> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return literal;
        }

        var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
        // A name usually has an IPv4 address that its peers dial; an IPv6 one is taken where it is the only one.
        return addresses.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork)
            ?? addresses.FirstOrDefault()
            ?? throw new IOException($"Host {host} has no address");
    }
}
