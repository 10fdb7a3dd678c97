using GpuActors.Shared.Commands;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Worker.Executors;

/// <summary>
/// Executor processes of one worker: some fresh ones ready on each device, and idle ones that wait for the next
/// session of the tenant that they served. Thread-safe. Nothing that an executor does can harm the worker: the pool
/// knows it by its process id, its socket and its memory, and kills it.
/// </summary>
public sealed partial class ExecutorPool : IAsyncDisposable
{
    private const int MaxRunFolderLength = 60;
    private const int OpenAttempts = 3;

    private readonly ExecutorPoolOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly KernelCacheFolders _kernels;
    private readonly ExecutorLauncher _launcher;
    private readonly ITimer _watch;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly HashSet<ExecutorInstance> _running = [];
    private readonly List<ExecutorInstance> _idle = [];
    private readonly Dictionary<string, Spares> _spares = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _processes;
    private long _started;
    private long _lost;

    /// <summary>Creates the run folder; starts no process yet.</summary>
    public ExecutorPool(ExecutorPoolOptions options, TimeProvider time, ILogger<ExecutorPool>? logger = null)
    {
        if (options.RunFolder.Length > MaxRunFolderLength)
        {
            throw new ArgumentException(
                $"run folder '{options.RunFolder}' has {options.RunFolder.Length} characters; " +
                $"at most {MaxRunFolderLength} fit into the path of a Unix socket", nameof(options));
        }
        _options = options;
        _time = time;
        _logger = logger ?? NullLogger<ExecutorPool>.Instance;
        PrivateFolder.Create(options.RunFolder);
        foreach (string leftOver in Directory.GetDirectories(options.RunFolder, "e*"))
            PrivateFolder.Delete(leftOver);
        _kernels = new KernelCacheFolders(options.RunFolder, options.KernelCacheBytes, time);
        _launcher = new ExecutorLauncher(options, _kernels, time);
        _watch = time.CreateTimer(_ => Watch(), null, options.WatchInterval, options.WatchInterval);
    }

    /// <summary>Numbers for people and metrics.</summary>
    public ExecutorPoolStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                int fresh = _idle.Count(instance => instance.Tenant is null);
                return new ExecutorPoolStatistics(
                    _processes, _running.Count - _idle.Count, fresh, _idle.Count - fresh, _started, _lost);
            }
        }
    }

    /// <summary>Starts fresh executors on the devices and waits until they are ready.</summary>
    /// <param name="devices">Devices, as <c>PLATFORM/INDEX</c>.</param>
    /// <param name="cancellationToken">Gives up waiting; processes that started go on.</param>
    /// <exception cref="ExecutorUnavailableException">None gets ready on one of the devices; says why.</exception>
    public async Task StartAsync(IEnumerable<string> devices, CancellationToken cancellationToken = default)
    {
        var starting = new List<Task>();
        lock (_gate)
        {
            foreach (string device in devices)
            {
                while (ReserveSpare(device))
                    starting.Add(LaunchSpareAsync(device));
            }
        }
        await Task.WhenAll(starting).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Opens a session: on an idle executor that served the tenant before, on a fresh one, or on one started now.
    /// Waits while <see cref="ExecutorPoolOptions.MaxProcesses"/> are busy.
    /// </summary>
    /// <param name="device">Device, as <c>PLATFORM/INDEX</c>.</param>
    /// <param name="request">The session and its slice.</param>
    /// <param name="observer">Hears errors, events, acknowledgements and printed text of the session.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ExecutorUnavailableException">The slice does not fit the device, or no process gets ready.</exception>
    public async Task<ExecutorSession> AcquireAsync(
        string device, SessionRequest request, ICommandObserver observer, CancellationToken cancellationToken = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            ExecutorInstance instance =
                await TakeAsync(device, request.Tenant, cancellationToken).ConfigureAwait(false);
            try
            {
                return await OpenAsync(instance, request, observer, cancellationToken).ConfigureAwait(false);
            }
            catch (CommandException refused) when (refused.Code == OpenClErrors.SessionRefused)
            {
                PutBack(instance);
                throw new ExecutorUnavailableException(refused.Detail, refused);
            }
            catch (Exception exception)
            {
                instance.Kill(ExecutorEnd.Killed, "its session could not be opened");
                await RetireAsync(instance).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (exception is not (CommandException or IOException) || attempt == OpenAttempts)
                    throw new ExecutorUnavailableException($"no session could be opened: {exception.Message}", exception);
            }
        }
    }

    /// <summary>Kills every executor and waits until all are gone.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _watch.DisposeAsync().ConfigureAwait(false);
        while (true)
        {
            ExecutorInstance[] left;
            Task changed;
            lock (_gate)
            {
                if (_processes == 0)
                    break;
                left = [.. _running];
                changed = _changed.Task;
            }
            foreach (ExecutorInstance instance in left)
                instance.Kill(ExecutorEnd.Killed, "the worker stops");
            if (left.Length == 0)
                await changed.ConfigureAwait(false);
            foreach (ExecutorInstance instance in left)
                await RetireAsync(instance).ConfigureAwait(false);
        }
        _stopping.Dispose();
    }

    /// <summary>The end of a session.</summary>
    /// <returns>Whether the process lives on for its tenant.</returns>
    internal async Task<bool> ReleaseAsync(ExecutorSession session, bool reuse)
    {
        ExecutorInstance instance = session.Instance;
        if (reuse && await EmptyAsync(instance).ConfigureAwait(false))
        {
            instance.MemoryLimitBytes = 0;
            await KeepForTenantAsync(instance).ConfigureAwait(false);
            return true;
        }
        instance.Kill(ExecutorEnd.Killed, "the session ended");
        await RetireAsync(instance).ConfigureAwait(false);
        return false;
    }

    private async Task<ExecutorSession> OpenAsync(
        ExecutorInstance instance, SessionRequest request, ICommandObserver observer,
        CancellationToken cancellationToken)
    {
        if (instance.Tenant is null)
            _kernels.PointTo(instance.Folder, request.Tenant);
        instance.MemoryLimitBytes = request.Limits.MemoryBytes + _options.OverheadBytes;
        using var patience = new CancellationTokenSource(_options.StartTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        await instance.Connection.OpenAsync(request.ToCommand(), observer, either.Token).ConfigureAwait(false);
        instance.Tenant = request.Tenant;
        instance.Sessions++;
        return new ExecutorSession(this, instance, request);
    }

    /// <summary>Makes the executor forget its session. False when it could not, or should not serve again.</summary>
    private async Task<bool> EmptyAsync(ExecutorInstance instance)
    {
        try
        {
            await instance.Connection.RequestAsync(default(Reset)).WaitAsync(_options.ResetTimeout, _time)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is CommandException or TimeoutException or IOException)
        {
            LogNotEmptied(instance.Number, instance.Device, exception.Message);
            return false;
        }
        ulong? resident = ResidentMemory.PrivateBytes(instance.ProcessId);
        return resident <= _options.RecycleResidentBytes && instance.Sessions < _options.SessionsPerProcess;
    }

    private sealed class Spares
    {
        public int Starting { get; set; }

        public int Awaited { get; set; }
    }
}

/// <summary>Numbers of a pool.</summary>
/// <param name="Processes">Processes, those that start included.</param>
/// <param name="Busy">With a session.</param>
/// <param name="Fresh">Ready and never used.</param>
/// <param name="TenantIdle">Idle for their tenant.</param>
/// <param name="Started">Processes started in all.</param>
/// <param name="Lost">Processes that ended by themselves.</param>
public sealed record ExecutorPoolStatistics(
    int Processes, int Busy, int Fresh, int TenantIdle, long Started, long Lost);
