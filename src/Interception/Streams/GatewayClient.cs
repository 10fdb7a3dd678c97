using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using GpuActors.Shared.Api;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Resuming;
using GpuActors.Shared.Security;

namespace GpuActors.Interception.Streams;

/// <summary>Connects to the gateway of a granted device.</summary>
internal static class GatewayClient
{
    private const int HandshakeMilliseconds = 30_000;

    /// <summary>Of the handshakes of further connections.</summary>
    private const int AgainMilliseconds = 5_000;

    private const int TcpLevel = 6;
    private const int SynCount = 7; // TCP_SYNCNT, tcp(7): connecting fails after the first and so many more, in 7 s
    private const int SynTries = 2;
    private const int UserTimeout = 18; // TCP_USER_TIMEOUT, tcp(7)

    /// <summary>
    /// For a worker of this machine: <c>tcp</c> takes the network all the same, <c>unix</c> its socket without shared memory.
    /// </summary>
    private const string TransportVariable = "GPUACTORS_TRANSPORT";

    /// <summary>What gateways that want a certificate are shown.</summary>
    private static readonly Lazy<X509Certificate2?> OwnCertificate = new(ClientCertificate.OfEnvironment);

    /// <summary>A connection over which a command stream can run.</summary>
    /// <exception cref="IOException">It cannot be made; says why.</exception>
    public static Transport Connect(SessionGrant grant, GrantedDevice device)
    {
        string? wanted = Environment.GetEnvironmentVariable(TransportVariable);
        if (wanted != "tcp" && device.LocalSocket is { Length: > 0 } path && device.Machine == ThisMachine()
            && TryOpen(path) is { } local)
        {
            SessionKey key = SessionKey.Of(device.Ticket ?? grant.Ticket);
            return wanted == "unix" ? ShakeLocally(local, key) : MemoryTransport.Open((SocketTransport)ShakeLocally(local, key));
        }
        return ConnectOverNetwork(grant, device);
    }

    /// <summary>A stream that goes on over another connection when this one is lost.</summary>
    private static ResumableTransport ConnectOverNetwork(SessionGrant grant, GrantedDevice device)
    {
        if (device.Fingerprint is not null)
            MachineAuthorities.ReadAhead();
        Guid id = NewStreamId();
        Socket socket = Open(device.Address);
        EndPoint address = socket.RemoteEndPoint!;
        TransportLink first = Link(socket, grant, device, ConnectionKind.Resumable, id, HandshakeMilliseconds);
        try
        {
            if (!new Opening(0, 0, Connection: 1).TrySend(first) || !Opening.TryReceive(first, out Opening peer))
                throw new EndOfStreamException("the connection ended before the executor's welcome");
            first.WaitForEver();
            var reconnection = new Reconnection(
                grant.Session, TimeSpan.FromMilliseconds(peer.KeepMilliseconds), () => DialAgain(address, grant, device, id));
            return new ResumableTransport(first, peer, reconnection);
        }
        catch
        {
            first.Retire();
            throw;
        }
    }

    private static TransportLink DialAgain(EndPoint address, SessionGrant grant, GrantedDevice device, Guid id)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetRawSocketOption(TcpLevel, SynCount, BitConverter.GetBytes(SynTries));
            socket.Connect(address);
            KeepAlive(socket);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new IOException($"{address}: {exception.SocketErrorCode}", exception);
        }
        (SessionGrant newest, GrantedDevice same) = Newest(grant, device);
        return Link(socket, newest, same, ConnectionKind.Resume, id, AgainMilliseconds);
    }

    private static TransportLink Link(
        Socket socket, SessionGrant grant, GrantedDevice device, ConnectionKind kind, Guid id, int patience)
    {
        SessionKey key = SessionKey.Of(device.Ticket ?? grant.Ticket);
        Transport transport = Shake(socket, key, GatewayTls.Of(device.Fingerprint, OwnCertificate.Value), kind, id, patience);
        return new TransportLink(socket, transport, isGathered: device.Fingerprint is not null);
    }

    private static Transport ShakeLocally(Socket socket, SessionKey key)
    {
        Transport transport = Shake(socket, key, null, ConnectionKind.Main, NewStreamId(), HandshakeMilliseconds);
        socket.ReceiveTimeout = 0;
        return transport;
    }

    /// <summary>The grant's file may have a ticket by now that lives longer.</summary>
    private static (SessionGrant Grant, GrantedDevice Device) Newest(SessionGrant grant, GrantedDevice device)
    {
        if (Environment.GetEnvironmentVariable(SessionGrant.FileVariable) is not { Length: > 0 } path)
            return (grant, device);
        try
        {
            SessionGrant newest = SessionGrant.Parse(File.ReadAllBytes(path));
            GrantedDevice? same = newest.Devices.FirstOrDefault(one => one.Slice == device.Slice);
            bool isSame = newest.Session == grant.Session && newest.Epoch == grant.Epoch;
            return isSame && same is not null ? (newest, same) : (grant, device);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException
            or System.Text.Json.JsonException or InvalidDataException)
        {
            return (grant, device);
        }
    }

    private static Guid NewStreamId()
    {
        Span<byte> id = stackalloc byte[16];
        Libc.FillRandom(id);
        return new Guid(id);
    }

    /// <summary>Up to the end of the gateway's handshake and of TLS's. Receiving fails after so many milliseconds, until that is changed.</summary>
    private static Transport Shake(
        Socket socket, SessionKey key, GatewayTls? tls, ConnectionKind kind, Guid id, int patience)
    {
        try
        {
            socket.ReceiveTimeout = patience;
            var plain = new SocketTransport(socket);
            var stream = new SocketStream(plain);
            // Every read and write of this stream blocks, so the task has ended when the call returns.
#pragma warning disable VSTHRD002 // nothing to wait for
            Stream agreed = GatewayHandshake.ConnectAsync(
                stream, key, kind, id, tls, CancellationToken.None).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
            stream.FollowRecords = tls is not null;
            return tls is null ? plain : new TlsTransport(plain, stream, agreed);
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

    /// <summary>
    /// A worker that is gone without a word is found out in 20 s, whether something is on its way to it or not: sooner than
    /// the worker finds out the same, so that it still keeps the stream.
    /// </summary>
    private static void KeepAlive(Socket socket)
    {
        const int ProbeSeconds = 5;
        const int Probes = 3;
        socket.NoDelay = true;
        socket.SetRawSocketOption(TcpLevel, UserTimeout, BitConverter.GetBytes((1 + Probes) * ProbeSeconds * 1000));
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, ProbeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
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
