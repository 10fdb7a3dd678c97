using System.Net;
using System.Net.Sockets;
using GpuActors.Actors.Runtime;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Messages;
using GpuActors.Shared.Security;
using Microsoft.Extensions.Logging;

namespace GpuActors.Worker.Sessions;

/// <summary>
/// Where clients of interactive sessions connect to this worker: over TCP, and over a Unix socket for those on the same
/// machine. It finds out who they are (<c>docs/protocol.md</c>, Gateway) and gives their sockets to their sessions; it
/// sees nothing of what they say then.
/// </summary>
internal sealed class SessionGateway : IAsyncDisposable
{
    /// <summary>Connections that have not proved anything yet; further ones wait in the system's backlog.</summary>
    private const int MaxHandshakes = 16;
    private const int Backlog = 128;

    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly SessionGatewaySettings _settings;
    private readonly TicketAuthority _tickets;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Socket _network;
    private readonly Socket? _local;
    private readonly string? _localPath;
    private readonly Dictionary<string, LiveSession> _sessions = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _handshakes = new(MaxHandshakes);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private long _accepted;
    private long _refused;

    private SessionGateway(
        SessionGatewaySettings settings, string? localPath, TicketAuthority tickets, IActorRuntime runtime, ILogger logger)
    {
        _settings = settings;
        _tickets = tickets;
        _time = runtime.Time;
        _logger = logger;
        Clients = settings.ClientAuthorities is { } path ? TrustedAuthorities.Load(path) : null;
        _network = ListenOnNetwork(settings);
        try
        {
            _local = localPath is null ? null : ListenLocally(localPath);
        }
        catch
        {
            _network.Dispose();
            throw;
        }

        _localPath = localPath;
        Machine = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        Address = AddressOf(settings, ((IPEndPoint)_network.LocalEndPoint!).Port);
        _accepting = Task.WhenAll(
            AcceptAsync(_network, isNetwork: true),
            _local is null ? Task.CompletedTask : AcceptAsync(_local, isNetwork: false));
    }

    /// <summary>By what clients reach it: <c>HOST:PORT</c>.</summary>
    public string Address { get; }

    /// <summary>Random, the same for all processes of this machine until it boots again.</summary>
    public string Machine { get; }

    /// <summary>Starts to listen.</summary>
    /// <param name="settings">Where.</param>
    /// <param name="localPath">Where the Unix socket goes; null: there is none.</param>
    /// <param name="tickets">Of this cluster.</param>
    /// <param name="runtime">Clock.</param>
    /// <param name="logger">Log, in which no ticket appears.</param>
    /// <exception cref="IOException">It can't listen there, or the authorities can't be read; the message says which.</exception>
    public static SessionGateway Start(
        SessionGatewaySettings settings, string? localPath, TicketAuthority tickets, IActorRuntime runtime, ILogger logger) =>
        new(settings, localPath, tickets, runtime, logger);

    /// <summary>Lets the session's client in until the returned object is disposed.</summary>
    public IDisposable Open(LiveSession session)
    {
        lock (_lock)
        {
            _sessions.Add(session.Scope, session);
        }

        return new Opened(this, session);
    }

    /// <summary>Connections over the network are encrypted.</summary>
    public bool UsesTls => _settings.Tls;

    /// <summary>Who has signed what clients show over the network; null: they need not show anything.</summary>
    public TrustedAuthorities? Clients { get; }

    /// <summary>How long a stream over the network is kept whose connection is lost.</summary>
    public TimeSpan ResumeTime => _settings.ResumeTime;

    /// <summary>Where the clients of a session connect.</summary>
    public SessionEndpoint EndpointOf(LiveSession session) => new(Address, session.Fingerprint, _localPath, Machine);

    /// <summary>What it has done so far, and does now.</summary>
    public GatewayUse ReadUse()
    {
        lock (_lock)
        {
            return new GatewayUse(
                [
                    .. _sessions.Values.Select(session => new SessionUse(
                        session.Id, session.Tenant, session.ReadStreams(), session.ReadTotals(), session.ReadLinks().Lost,
                        session.ReadLinks().Resumed)),
                ],
                Interlocked.Read(ref _accepted),
                Interlocked.Read(ref _refused));
        }
    }

    /// <summary>Listens no longer. Sessions that are open go on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _network.Dispose();
        _local?.Dispose();
        if (_localPath is not null)
        {
            File.Delete(_localPath);
        }

        await _accepting;
        for (var i = 0; i < MaxHandshakes; i++)
        {
            await _handshakes.WaitAsync(); // each is over within its time
        }

        _handshakes.Dispose();
        _stopping.Dispose();
    }

    private static Socket ListenOnNetwork(SessionGatewaySettings settings)
    {
        var host = settings.Host;
        try
        {
            var address = IPAddress.TryParse(host, out var parsed) ? parsed : Dns.GetHostAddresses(host)[0];
            var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            return Listen(listener, new IPEndPoint(address, settings.Port));
        }
        catch (SocketException e)
        {
            throw new IOException(
                $"The worker can't listen for sessions on {host}:{settings.Port} (worker.sessions): {e.Message}", e);
        }
    }

    private static Socket ListenLocally(string path)
    {
        File.Delete(path); // of a worker that was killed: the data folder is ours alone
        try
        {
            var listener = Listen(
                new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return listener;
        }
        catch (SocketException e)
        {
            throw new IOException($"The worker can't listen for sessions on '{path}': {e.Message}", e);
        }
    }

    private static Socket Listen(Socket listener, EndPoint where)
    {
        try
        {
            listener.Bind(where);
            listener.Listen(Backlog);
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    private static string AddressOf(SessionGatewaySettings settings, int port)
    {
        if (settings.Advertised is { } advertised)
        {
            var hasPort = advertised.LastIndexOf(':') is >= 0 and var colon && !advertised.EndsWith(']') && colon > 0;
            return hasPort ? advertised : $"{advertised}:{port}";
        }

        var isAny = IPAddress.TryParse(settings.Host, out var address)
            && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
        var host = isAny ? Environment.MachineName : settings.Host;
        return address is { AddressFamily: AddressFamily.InterNetworkV6 } && !isAny ? $"[{host}]:{port}" : $"{host}:{port}";
    }

    private async Task AcceptAsync(Socket listener, bool isNetwork)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await _handshakes.WaitAsync(_stopping.Token);
                BeginHandshake(await AcceptOneAsync(listener), isNetwork);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    /// <summary>The next connection; holds a handshake's place, given back if there is none.</summary>
    private async Task<Socket> AcceptOneAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                try
                {
                    return await listener.AcceptAsync(_stopping.Token);
                }
                catch (SocketException e) when (!_stopping.IsCancellationRequested)
                {
                    // The peer is gone already, or the process has no descriptor left: that passes.
                    _logger.LogWarning("The session gateway could not accept a connection: {Reason}", e.Message);
                    await Task.Delay(TimeSpan.FromMilliseconds(100), _time, _stopping.Token);
                }
            }
        }
        catch
        {
            _handshakes.Release();
            throw;
        }
    }

    private void BeginHandshake(Socket socket, bool isNetwork)
    {
#pragma warning disable RS0030 // the worker's real edge: a thread that may block in the kernel (see GatewayPeer)
        new Thread(() => Shake(socket, isNetwork)) { IsBackground = true, Name = "handshake" }.Start();
#pragma warning restore RS0030
    }

    private void Shake(Socket socket, bool isNetwork)
    {
        var peer = new GatewayPeer(socket, isNetwork && _settings.Tls, _time);
        var refusal = new Goodbye(OpenClErrors.SessionRefused, "");
        try
        {
            if (isNetwork)
            {
                KeepLively(socket);
            }

            refusal = refusal with { Text = Admit(peer) ?? "" };
        }
        catch (ProtocolException e)
        {
            refusal = new Goodbye(OpenClErrors.Protocol, e.Message);
        }
        catch (Exception e) when (e is IOException or TimeoutException or SocketException)
        {
            refusal = refusal with { Text = e.Message };
        }
        catch (Exception e)
        {
            _logger.LogError(e, "A handshake failed in the worker.");
            refusal = refusal with { Text = "The worker failed." };
        }
        finally
        {
            _handshakes.Release();
        }

        Count(peer, refusal);
    }

    private void Count(GatewayPeer peer, Goodbye refusal)
    {
        if (refusal.Text.Length == 0)
        {
            Interlocked.Increment(ref _accepted);
            return;
        }

        Interlocked.Increment(ref _refused);
        _logger.LogInformation("The session gateway has refused {Peer}: {Reason}", peer.Name, refusal.Text);
        peer.Refuse(refusal.Code, refusal.Text);
        peer.Dispose();
    }

    /// <summary>
    /// Small frames leave at once, and a peer that is gone without a word is found out in half a minute, whether something is
    /// on its way to it or not.
    /// </summary>
    private static void KeepLively(Socket socket)
    {
        const int ProbeSeconds = 5;
        const int Probes = 5;
        const int TcpLevel = 6;
        const int UserTimeout = 18; // TCP_USER_TIMEOUT, tcp(7)
        const int UserTimeoutMilliseconds = (1 + Probes) * ProbeSeconds * 1000;
        socket.SetRawSocketOption(TcpLevel, UserTimeout, BitConverter.GetBytes(UserTimeoutMilliseconds));
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, ProbeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
    }

    /// <summary>The handshake up to the session, which then answers. Returns why not; null: the session has the peer.</summary>
    private string? Admit(GatewayPeer peer)
    {
        var deadline = _time.GetTimestamp() + (long)(HandshakeTime.TotalSeconds * _time.TimestampFrequency);
        var nonce = GatewayHandshake.NewNonce();
        peer.Write(
            new Challenge(
                ProtocolVersion.Oldest, ProtocolVersion.Newest, peer.IsEncrypted, nonce, peer.IsEncrypted && Clients is not null),
            deadline);
        var connect = CommandReader.Read<Connect>(peer.Read(deadline));
        if (connect.Version is < ProtocolVersion.Oldest or > ProtocolVersion.Newest)
        {
            return $"Version {connect.Version} of the protocol is not spoken here.";
        }

        var verdict = _tickets.VerifyProof(connect, nonce, out var key);
        if (verdict.Ticket is not { } ticket || key is null)
        {
            return verdict.Reason;
        }

        return Find(ticket) is { } session
            ? session.TryAdmit(peer, connect, key.Accept(connect.Nonce.Span, nonce))
            : "The ticket is for no session that runs here now; ask the scheduler for a new grant.";
    }

    private LiveSession? Find(Ticket ticket)
    {
        if (ticket is not { Role: TicketRole.Session, Scope: { } scope })
        {
            return null;
        }

        lock (_lock)
        {
            return _sessions.TryGetValue(scope, out var session) && session.Tenant == ticket.Tenant ? session : null;
        }
    }

    private void Close(LiveSession session)
    {
        lock (_lock)
        {
            _sessions.Remove(session.Scope);
        }
    }

    private sealed class Opened(SessionGateway gateway, LiveSession session) : IDisposable
    {
        public void Dispose() => gateway.Close(session);
    }
}

/// <summary>What a gateway has done so far, and does now.</summary>
/// <param name="Sessions">The open sessions.</param>
/// <param name="Accepted">Handshakes that ended well.</param>
/// <param name="Refused">Handshakes that did not.</param>
internal sealed record GatewayUse(SessionUse[] Sessions, long Accepted, long Refused);

/// <summary>What an open session does.</summary>
/// <param name="Session">The session's id.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Streams">Streams that are open.</param>
/// <param name="Totals">What its streams have done so far.</param>
/// <param name="Lost">Streams among them that have no connection.</param>
/// <param name="Resumed">How often a stream went on over another connection.</param>
internal sealed record SessionUse(
    string Session, string Tenant, int Streams, StreamTotals Totals, int Lost = 0, long Resumed = 0);
