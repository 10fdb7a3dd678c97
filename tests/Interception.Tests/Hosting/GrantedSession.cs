using System.Text.Json;
using GpuActors.Actors.Runtime;
using GpuActors.Shared.Api;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Messages;
using GpuActors.Shared.Security;
using GpuActors.Worker.Actors;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Jobs;
using GpuActors.Worker.Sessions;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Interception.Tests.Hosting;

/// <summary>
/// A worker's gateway with real executors behind it, a session on the whole device, and the file that grants it to
/// programs.
/// </summary>
internal sealed class GrantedSession : IAsyncDisposable
{
    private const string Session = "acme/programs";
    private const string Tenant = "acme";
    private const long Epoch = 3;

    private readonly string _folder;
    private readonly ExecutorPool _pool;
    private readonly SessionGateway _gateway;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<AttemptOutcome> _outcome;

    private GrantedSession(string folder, ExecutorPool pool, SessionGateway gateway, Func<CancellationToken, Task<AttemptOutcome>> run)
    {
        _folder = folder;
        _pool = pool;
        _gateway = gateway;
        _outcome = run(_stop.Token);
    }

    /// <summary>The grant over the Unix socket.</summary>
    public string LocalGrant => Path.Combine(_folder, "local.json");

    /// <summary>The grant over TCP.</summary>
    public string NetworkGrant => Path.Combine(_folder, "network.json");

    /// <summary>Executor processes that serve a stream.</summary>
    public ExecutorPool Pool => _pool;

    /// <summary>Starts everything.</summary>
    /// <param name="memoryBytes">Device memory of the session.</param>
    /// <param name="tls">Whether the network is inside TLS.</param>
    /// <param name="command">How executors are started.</param>
    /// <param name="resumeTime">How long executors wait for a program that has lost its connection.</param>
    /// <param name="authorities">PEM file of those that sign clients' certificates.</param>
    public static async Task<GrantedSession> StartAsync(
        long memoryBytes = 2L << 30, bool tls = false, ExecutorCommand? command = null, TimeSpan? resumeTime = null,
        string? authorities = null)
    {
        string folder = Directory.CreateTempSubdirectory("gai-").FullName;
        var runtime = new ProductionRuntime();
        var address = new DeviceAddress(0, 0);
        var settings = new ExecutorPoolSettings { SocketFolder = Path.Combine(folder, "pool"), PrestartPerDevice = 1 };
        var pool = new ExecutorPool(
            settings, command ?? ExecutorCommand.ForWorker(typeof(ExecutorPool).Assembly.Location), [address], runtime,
            NullLogger<ExecutorPool>.Instance);
        var tickets = new TicketAuthority(ClusterSecret.FromText("correct horse battery staple 1"), runtime.Time);
        var gatewaySettings = new SessionGatewaySettings
        {
            Enabled = true, Host = "127.0.0.1", Port = 0, Tls = tls, MaxStreams = 64,
            ResumeTime = resumeTime ?? TimeSpan.FromSeconds(30), ClientAuthorities = authorities,
        };
        SessionGateway gateway = SessionGateway.Start(
            gatewaySettings, Path.Combine(folder, "gateway"), tickets, runtime, NullLogger.Instance);
        var devices = new Dictionary<int, AttemptDevice>
        {
            [0] = new(address, GpuModels.BuiltIn.Recognize("pthread"), ComputeUnits: 2, CanPartition: true),
        };
        var runner = new InteractiveAttempt(
            pool, devices, gateway, 64, runtime, NullLogger<InteractiveAttempt>.Instance);
        var observer = new Observer();
        var session = new GrantedSession(
            folder, pool, gateway, stop => runner.RunAsync(Start(memoryBytes), observer, stop));
        await Task.WhenAny(observer.Started, session._outcome).WaitAsync(TimeSpan.FromMinutes(2));
        session.WriteGrants(
            await observer.Started.WaitAsync(TimeSpan.FromSeconds(1)),
            tickets.Issue("tests", Tenant, TicketRole.Session, TimeSpan.FromHours(2), $"{Session}@{Epoch}"));
        return session;
    }

    /// <summary>As <see cref="NetworkGrant"/>, by way of another address.</summary>
    public async Task<string> GrantByAsync(string address)
    {
        SessionGrant grant = SessionGrant.Parse(await File.ReadAllBytesAsync(NetworkGrant));
        string path = Path.Combine(_folder, $"by-{address.Split(':')[1]}.json");
        await File.WriteAllBytesAsync(path, (grant with { Devices = [grant.Devices[0] with { Address = address }] }).ToJson());
        return path;
    }

    /// <summary>Where the gateway listens.</summary>
    public string Address => _gateway.Address;

    /// <summary>What the session does now.</summary>
    public SessionUse Use => _gateway.ReadUse().Sessions.Single();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _outcome.WaitAsync(TimeSpan.FromMinutes(1));
        await _gateway.DisposeAsync();
        await _pool.DisposeAsync();
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Ends all executor processes of this session at once.</summary>
    public void KillExecutors()
    {
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), out int id) && IsExecutor(process))
            {
                using var found = System.Diagnostics.Process.GetProcessById(id);
                found.Kill();
            }
        }
    }

    private bool IsExecutor(string process)
    {
        try
        {
            string command = File.ReadAllText(Path.Combine(process, "cmdline"));
            return command.Contains("\0executor\0", StringComparison.Ordinal)
                && command.Contains(_folder, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // it has ended
        }
    }

    private static StartAttempt Start(long memoryBytes) => new(
        "host", Session, Tenant, Epoch, [new SliceGrant("host/0/s0", "host", 0, memoryBytes, 100, Whole: false)],
        JsonDocument.Parse("""{ "id": "programs", "gpu": { "memory": "64MiB" }, "interactive": { "lease": null } }""")
            .RootElement, TimeSpan.FromHours(1));

    private void WriteGrants(SessionEndpoint endpoint, string ticket)
    {
        var network = new GrantedDevice
        {
            Slice = "host/0/s0", Address = endpoint.Address, Fingerprint = endpoint.Fingerprint,
        };
        var grant = new SessionGrant { Session = Session, Epoch = Epoch, Ticket = ticket, Devices = [network] };
        File.WriteAllBytes(NetworkGrant, grant.ToJson());
        GrantedDevice local = network with { LocalSocket = endpoint.LocalSocket, Machine = endpoint.Machine };
        File.WriteAllBytes(LocalGrant, (grant with { Devices = [local] }).ToJson());
    }

    private sealed class Observer : IAttemptObserver
    {
        private readonly TaskCompletionSource<SessionEndpoint> _started =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<SessionEndpoint> Started => _started.Task;

        void IAttemptObserver.Started(SessionEndpoint? endpoint) => _started.TrySetResult(endpoint!);

        public void Progress(long stepsDone, long stepsTotal)
        {
        }

        public void Log(string text)
        {
        }
    }
}
