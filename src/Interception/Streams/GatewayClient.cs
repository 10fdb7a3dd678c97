using System.Net;
using System.Net.Sockets;
using GpuActors.Shared.Api;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Security;

namespace GpuActors.Interception.Streams;

/// <summary>Connects to the gateway of a granted device.</summary>
internal static class GatewayClient
{
    private const int HandshakeMilliseconds = 30_000;

    /// <summary>
    /// For a worker of this machine: <c>tcp</c> takes the network all the same, <c>unix</c> its socket without shared memory.
    /// </summary>
    private const string TransportVariable = "GPUACTORS_TRANSPORT";

    /// <summary>A connection over which a command stream can run.</summary>
    /// <exception cref="IOException">It cannot be made; says why.</exception>
    public static Transport Connect(SessionGrant grant, GrantedDevice device)
    {
        SessionKey key = SessionKey.Of(device.Ticket ?? grant.Ticket);
        string? wanted = Environment.GetEnvironmentVariable(TransportVariable);
        if (wanted != "tcp" && device.LocalSocket is { Length: > 0 } path && device.Machine == ThisMachine()
            && TryOpen(path) is { } local)
            return wanted == "unix" ? Shake(local, key, null) : MemoryTransport.Open((SocketTransport)Shake(local, key, null));
        return Shake(Open(device.Address), key, device.Fingerprint);
    }

    private static Transport Shake(Socket socket, SessionKey key, string? fingerprint)
    {
        try
        {
            socket.ReceiveTimeout = HandshakeMilliseconds;
            var plain = new SocketTransport(socket);
            var stream = new SocketStream(plain);
            Span<byte> id = stackalloc byte[16];
            Libc.FillRandom(id);
            // Every read and write of this stream blocks, so the task has ended when the call returns.
#pragma warning disable VSTHRD002 // nothing to wait for
            Stream agreed = GatewayHandshake.ConnectAsync(
                stream, key, ConnectionKind.Main, new Guid(id), fingerprint, CancellationToken.None).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
            socket.ReceiveTimeout = 0;
            stream.FollowRecords = fingerprint is not null;
            return fingerprint is null ? plain : new TlsTransport(plain, stream, agreed);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket? TryOpen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return socket;
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            socket.Dispose(); // the same machine, but another file system: a container
            return null;
        }
    }

    private static Socket Open(string address)
    {
        int colon = address.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(address.AsSpan(colon + 1), out ushort port))
            throw new IOException($"'{address}' is no address: HOST:PORT is");
        string host = address[..colon].Trim('[', ']');
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (IPAddress.TryParse(host, out IPAddress? ip))
            {
                socket.Dispose();
                socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                socket.Connect(ip, port);
            }
            else
            {
                socket.Connect(host, port);
            }
            KeepAlive(socket);
            return socket;
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new IOException($"{address} cannot be reached: {exception.SocketErrorCode}", exception);
        }
    }

    private static void KeepAlive(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 5);
    }

    private static string? ThisMachine()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
