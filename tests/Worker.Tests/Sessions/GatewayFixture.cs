using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using GpuActors.Actors.Runtime;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Messages;
using GpuActors.Shared.Security;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Jobs;
using GpuActors.Worker.Sessions;
using GpuActors.Worker.Tests.Pool;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Worker.Tests.Sessions;

/// <summary>A gateway with real executors behind it.</summary>
internal sealed class GatewayFixture : IAsyncDisposable
{
    public const string Session = "acme/job";
    public const string Tenant = "acme";
    public const long Epoch = 7;

    private readonly PoolFixture _pool;
    private readonly string _socket = Path.Combine(Path.GetTempPath(), "gag-" + Path.GetRandomFileName());

    private GatewayFixture(PoolFixture pool, int maxStreams, bool tls, TimeSpan resumeTime, string? authorities)
    {
        _pool = pool;
        var runtime = new ProductionRuntime();
        Tickets = new TicketAuthority(ClusterSecret.FromText("correct horse battery staple 1"), runtime.Time);
        var settings = new SessionGatewaySettings
        {
            Enabled = true, Host = "127.0.0.1", Port = 0, Tls = tls, MaxStreams = maxStreams,
            ResumeTime = resumeTime, ClientAuthorities = authorities,
        };
        Gateway = SessionGateway.Start(settings, _socket, Tickets, runtime, NullLogger.Instance);
        var devices = new Dictionary<int, AttemptDevice>
        {
            [0] = new(PoolFixture.Device, GpuModels.BuiltIn.Recognize("pthread")),
        };
        Runner = new InteractiveAttempt(
            pool.Pool, devices, Gateway, maxStreams, runtime, NullLogger<InteractiveAttempt>.Instance);
    }

    public TicketAuthority Tickets { get; }

    public SessionGateway Gateway { get; }

    public InteractiveAttempt Runner { get; }

    public ExecutorPool Pool => _pool.Pool;

    public static GatewayFixture Create(
        Func<ExecutorPoolSettings, ExecutorPoolSettings>? change = null, int maxStreams = 8, bool tls = false,
        TimeSpan? resumeTime = null, string? authorities = null) =>
        new(PoolFixture.Create(change), maxStreams, tls, resumeTime ?? TimeSpan.FromMinutes(5), authorities);

    /// <summary>An attempt that runs; it is stopped when it is disposed.</summary>
    public async Task<RunningSession> StartAsync(
        string terms = """{ "lease": null }""", string session = Session, long epoch = Epoch, TimeSpan? timeLimit = null)
    {
        var document = $$"""{ "id": "job", "gpu": { "memory": "64MiB" }, "interactive": {{terms}} }""";
        var tenant = session.Split('/')[0];
        var start = new StartAttempt(
            "host", session, tenant, epoch, [new SliceGrant("host/0/s0", "host", 0, 64 << 20, 25, Whole: false)],
            JsonDocument.Parse(document).RootElement, timeLimit ?? TimeSpan.FromMinutes(5));
        var observer = new AttemptFixture.Observer();
        var running = new RunningSession(Runner, start, observer);
        await Task.WhenAny(observer.StartedTask, running.Outcome).WithDeadline("the start of the session");
        observer.StartedTask.IsCompleted.ShouldBeTrue(
            running.Outcome.IsCompleted ? (await running.Outcome).Error?.Message : "");
        return running;
    }

    /// <summary>A ticket for the session, changed as the test likes.</summary>
    public string Ticket(
        string session = Session, long epoch = Epoch, TicketRole role = TicketRole.Session, string tenant = Tenant,
        TimeSpan? lifetime = null) =>
        Tickets.Issue("tests", tenant, role, lifetime ?? TimeSpan.FromMinutes(5), $"{session}@{epoch}");

    public async Task<Stream> ConnectAsync(
        bool local = false, string? ticket = null, ConnectionKind kind = ConnectionKind.Main, string? fingerprint = null,
        Guid? stream = null, X509Certificate2? certificate = null)
    {
        var socket = await DialAsync(local);
        try
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            return await GatewayHandshake.ConnectAsync(
                socket, SessionKey.Of(ticket ?? Ticket()), kind, stream ?? Guid.NewGuid(), GatewayTls.Of(fingerprint, certificate), deadline.Token);
        }
        catch
        {
            await socket.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection that has said nothing yet.</summary>
    public async Task<NetworkStream> DialAsync(bool local = false)
    {
        if (local)
        {
            var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await unix.ConnectAsync(new UnixDomainSocketEndPoint(_socket));
            return new NetworkStream(unix, ownsSocket: true);
        }

        var tcp = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var address = Gateway.Address.Split(':');
        await tcp.ConnectAsync(address[0], int.Parse(address[1]));
        return new NetworkStream(tcp, ownsSocket: true);
    }

    /// <summary>A client's command stream.</summary>
    public async Task<GatewayClient> OpenAsync(
        bool local = false, string? ticket = null, string? fingerprint = null, X509Certificate2? certificate = null) =>
        await GatewayClient.GreetAsync(await ConnectAsync(local, ticket, fingerprint: fingerprint, certificate: certificate));

    /// <summary>A free executor for each stream, none in use.</summary>
    public Task AllFreeAsync() => Deadlines.Until(() => Pool.ReadUse() is { Busy: 0, Ending: 0 }, "no executor is in use");

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await _pool.DisposeAsync();
        File.Exists(_socket).ShouldBeFalse();
    }
}

/// <summary>An attempt of an interactive session.</summary>
internal sealed class RunningSession : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public RunningSession(InteractiveAttempt runner, StartAttempt start, AttemptFixture.Observer observer)
    {
        Observer = observer;
        Outcome = runner.RunAsync(start, observer, _stop.Token);
    }

    public AttemptFixture.Observer Observer { get; }

    public Task<AttemptOutcome> Outcome { get; }

    public SessionEndpoint Endpoint => Observer.Endpoint!;

    public async Task<AttemptOutcome> StopAsync()
    {
        await _stop.CancelAsync();
        return await Outcome.WithDeadline("the end of the session");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }
}

/// <summary>A client's command stream through the gateway.</summary>
internal sealed class GatewayClient : IAsyncDisposable
{
    private GatewayClient(Stream stream) =>
        Connection = new CommandConnection(stream, Heard, TimeProvider.System);

    public CommandConnection Connection { get; }

    public Executors.Heard Heard { get; } = new();

    /// <summary>Waits for the Welcome: it comes before the answer to the first command.</summary>
    public static async Task<GatewayClient> GreetAsync(Stream stream)
    {
        var client = new GatewayClient(stream);
        await client.Connection.RequestAsync(new Query(QueryKind.Session, 0)).WithDeadline("the first answer");
        return client;
    }

    public async Task<uint[]> SquareAsync(int items)
    {
        await KernelRun.LaunchAsync(Connection, KernelRun.Square, items);
        return await KernelRun.ReadAsync(Connection, items);
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
