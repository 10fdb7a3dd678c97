using GpuActors.Actors;
using GpuActors.Actors.Remoting;
using GpuActors.Node;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Messages;
using GpuActors.Shared.Security;
using GpuActors.Worker.Actors;
using GpuActors.Worker.Blobs;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Jobs;
using GpuActors.Worker.Metrics;
using GpuActors.Worker.Nvml;
using GpuActors.Worker.Sessions;
using Microsoft.Extensions.Logging;

namespace GpuActors.Worker;

/// <summary>A worker from its parts: devices, executor pool, blobs, actors. It registers as soon as it has started.</summary>
public sealed class WorkerNode : IAsyncDisposable
{
    private static readonly TimeSpan TicketLifetime = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan BlobConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>More than what is told of one slice takes in a message.</summary>
    private const int SliceReportBytes = 2_048;
    private const int MaxSlicesReported = 1_000;

    private readonly WorkerSettings _settings;
    private readonly DataFolder _folder;
    private readonly ExecutorPool _pool;
    private readonly HttpClient _http;
    private readonly ActorSystem _system;
    private readonly IActorRef _worker;
    private readonly WorkerMetrics _metrics;
    private readonly SessionGateway? _gateway;
    private readonly MigInstances? _instances;

    private WorkerNode(
        WorkerSettings settings,
        DataFolder folder,
        ExecutorPool pool,
        HttpClient http,
        ActorSystem system,
        IActorRef worker,
        WorkerMetrics metrics,
        SessionGateway? gateway,
        MigInstances? instances)
    {
        _settings = settings;
        _folder = folder;
        _pool = pool;
        _http = http;
        _system = system;
        _worker = worker;
        _metrics = metrics;
        _gateway = gateway;
        _instances = instances;
    }

    /// <summary>The worker's own remoting address.</summary>
    public string RemotingAddress => _system.Provider.Address.ToString();

    /// <summary>Where its metrics are: <c>http://host:port</c>; null if the settings don't want them shown.</summary>
    public string? MetricsAddress => _metrics.Address;

    /// <summary>Starts a worker.</summary>
    /// <exception cref="OpenCL.OpenClUnavailableException">There is no device; the message says what to install.</exception>
    /// <exception cref="MigLayoutFileException">The recorded MIG layouts are wrong; the message says where.</exception>
    public static async Task<WorkerNode> StartAsync(
        WorkerSettings settings, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var system = NodeActors.Create(NodeActors.WorkerSystem, settings.Actors, logs);
        var runtime = system.Runtime;
        var folder = DataFolder.Hold(settings.DataFolder, runtime.Random);
        var executors = PoolSettings(settings, folder);
        var log = logs.CreateLogger<ExecutorPool>();
        await FormerExecutors.GoneAsync(executors.LeaseFile, runtime.Time, log, cancellationToken);
        var (instances, devices) = FindDevices(settings, folder, logs.CreateLogger<MigInstances>());
        var pool = new ExecutorPool(
            executors with
            {
                TimeSlices = devices.ToDictionary(device => device.Run.Address, _ => settings.Devices.TimeSlice),
            },
            ExecutorCommand.ForWorker(typeof(WorkerNode).Assembly.Location),
            devices.Select(device => device.Run.Address),
            runtime,
            log);
        foreach (var device in devices.Where(device => !device.StartsAhead))
        {
            await pool.VacateAsync(device.Run.Address, cancellationToken);
        }

        pool.Start();
        var http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = BlobConnectTimeout });
        var tickets = new TicketAuthority(settings.Security.Secret, runtime.Time);
        var blobs = new BlobTransfer(
            http,
            new BlobCache(Path.Combine(folder.Root, "blobs"), settings.BlobCacheBytes, runtime.Random),
            () => tickets.Issue(settings.Name, "-", TicketRole.Worker, TicketLifetime),
            runtime);
        var attemptDevices = devices.ToDictionary(device => device.Inventory.Index, device => device.Run);
        var gateway = settings.Sessions.Enabled
            ? SessionGateway.Start(
                settings.Sessions, folder.SocketPath("sessions"), tickets, runtime, logs.CreateLogger<SessionGateway>())
            : null;
        var sessions = gateway is null ? null : new InteractiveAttempt(
            pool, attemptDevices, gateway, settings.Sessions.MaxStreams, runtime,
            logs.CreateLogger<InteractiveAttempt>(), instances);
        var jobs = new JobAttempt(
            pool,
            attemptDevices,
            blobs,
            new JobRunSettings
            {
                OutputFolder = folder.MakeEmpty("outputs"),
                InlineOutputBytes = settings.InlineLimitBytes,
                InlineTotalBytes = settings.Remoting.MaxFrameBytes / 4,
            },
            runtime,
            instances);
        var runner = new AttemptBranch(jobs, sessions);
        var metrics = new WorkerMetrics(settings, pool, pool, runtime.Time, logs, gateway);
        await system.StartRemotingAsync(
            NodeActors.Remoting(settings.Remoting, settings.Security.Secret), cancellationToken);
        IActorRef? worker = null;
        await metrics.ServeAsync(settings, () => worker, tickets, logs, cancellationToken);
        worker = system.ActorOf(
            WorkerProps(settings, folder, runtime.Random.NextGuid(), devices, runner, blobs, pool, gateway), "worker");
        return new WorkerNode(settings, folder, pool, http, system, worker, metrics, gateway, instances);
    }

    /// <summary>Ends all attempts, tells the scheduler, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _worker.Ask<LeftCluster>(new LeaveCluster(), _settings.LeaveTimeout * 2);
        }
        catch (AskTimeoutException)
        {
            _system.Log.LogWarning("The worker could not leave in time; the scheduler will see its lease end.");
        }

        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        await _metrics.DisposeAsync();
        await _system.Terminate();
        await _pool.DisposeAsync();
        _http.Dispose();
        _instances?.Dispose();
        _folder.Dispose();
    }

    /// <summary>MIG layouts first: the process sees of OpenCL what is there when it looks for the first time.</summary>
    private static (MigInstances? Instances, IReadOnlyList<WorkerDevice> Devices) FindDevices(
        WorkerSettings settings, DataFolder folder, ILogger log)
    {
        MigInstances? instances = null;
        try
        {
            instances = MigInstances.Restore(folder.Root, log);
            var nvidia = NvidiaDevices.OfThisHost();
            if (nvidia.Unavailable is { Length: > 0 } reason)
            {
                log.LogInformation("NVML is not used: {Reason}", reason);
            }

            return (instances, WorkerDevices.Find(settings.Devices, settings.Models, nvidia));
        }
        catch
        {
            instances?.Dispose();
            folder.Dispose();
            throw;
        }
    }

    private static Props WorkerProps(
        WorkerSettings settings,
        DataFolder folder,
        Guid incarnation,
        IReadOnlyList<WorkerDevice> devices,
        AttemptBranch runner,
        BlobTransfer blobs,
        ExecutorPool pool,
        SessionGateway? gateway)
    {
        var machine = new HostMachine("/").Describe(settings.Host) with { Gateway = gateway?.Address };
        var identity = new WorkerIdentity(settings.Name, folder.Id, incarnation, NodeProcess.Version, machine);
        var actors = new WorkerActorSettings(
            [.. settings.Schedulers.Select(address => $"akka://{NodeActors.SchedulerSystem}@{address}")],
            settings.HeartbeatInterval,
            settings.LeaseMargin,
            settings.ResendInterval,
            settings.LeaveTimeout,
            settings.Slots,
            Math.Clamp(settings.Remoting.MaxFrameBytes / SliceReportBytes, 1, MaxSlicesReported));
        var gpus = devices.Select(device => device.Inventory).ToArray();
        return WorkerActors.Props(
            identity, actors, gpus, runner, address => blobs.Address = address, pool.EndSessionsAt, pool);
    }

    private static ExecutorPoolSettings PoolSettings(WorkerSettings settings, DataFolder folder) => new()
    {
        SocketFolder = folder.SocketFolder(),
        PrestartPerDevice = settings.Executors.Prestart,
        MaxTotal = settings.Executors.Max,
        MaxSessionsPerExecutor = settings.Executors.MaxSessions,
        IdleTimeout = settings.Executors.IdleTimeout,
        StartTimeout = settings.Executors.StartTimeout,
        OverheadMemoryBytes = settings.Executors.OverheadMemoryBytes,
        MaxKernelBytes = settings.Executors.KernelCacheBytes,
    };
}
