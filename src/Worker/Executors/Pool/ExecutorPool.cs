using GpuActors.Shared.Devices;
using GpuActors.Actors.Runtime;
using GpuActors.Shared.Commands;
using GpuActors.Worker.Sharing;
using Microsoft.Extensions.Logging;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>
/// The worker's executor processes. A session gets an idle executor that served the same tenant on the same device, or
/// one that was started ahead and has served nobody, or a new one; never another tenant's. All methods may be called
/// from any thread.
/// </summary>
public sealed partial class ExecutorPool : ISliceUsageSource, IAsyncDisposable
{
    /// <summary>Executors that may turn out to be dead when they are handed out, before a caller is told.</summary>
    private const int MaxOpenTries = 3;

    private readonly Lock _lock = new();
    private readonly ExecutorPoolSettings _settings;
    private readonly ExecutorCommand _command;
    private readonly DeviceAddress[] _devices;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly List<PooledExecutor> _executors = [];
    private readonly List<AcquireWaiter> _waiters = [];
    private readonly Dictionary<DeviceAddress, StartFailures> _failures = [];
    private readonly Dictionary<DeviceAddress, DeviceShare> _shares = [];
    private readonly HashSet<DeviceAddress> _vacated = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly KernelFolders _kernels;
    private readonly LeaseFile _lease;
    private readonly ITimer _wake;
    private int _folderNumber;
    private long _prunedAt;
    private bool _disposed;

    /// <summary>A pool for <paramref name="devices"/>. Nothing is started before <see cref="Start"/> or a session.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public ExecutorPool(
        ExecutorPoolSettings settings, ExecutorCommand command, IEnumerable<DeviceAddress> devices,
        IActorRuntime runtime, ILogger<ExecutorPool> logger)
    {
        settings.Validate();
        _settings = settings;
        _command = command;
        _devices = [.. devices];
        _time = runtime.Time;
        _logger = logger;
        foreach (var device in _devices)
        {
            _failures.Add(device, new StartFailures(_time));
        }

        OwnFolder.Delete(settings.SocketFolder); // what a worker left that was killed
        OwnFolder.Create(settings.SocketFolder);
        _kernels = new KernelFolders(Path.Combine(settings.SocketFolder, "kernels"), settings.MaxKernelBytes);
        _lease = new LeaseFile(settings.LeaseFile);
        foreach (var device in _devices.Distinct())
        {
            var turns = settings.TimeSlices.GetValueOrDefault(device) ?? new TimeSliceSettings();
            _shares.Add(device, new DeviceShare(settings.SocketFolder, device, turns, _time, logger));
        }

        _prunedAt = _time.GetTimestamp();
        _wake = _time.CreateTimer(_ => OnWake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Process ids of all executors that are up, for inventory and tests.</summary>
    public IReadOnlyList<int> ProcessIds
    {
        get
        {
            lock (_lock)
            {
                return [.. _executors.Where(e => e.Process is not null).Select(e => e.Process!.Id)];
            }
        }
    }

    /// <summary>Executors that have served nobody and are ready to.</summary>
    public int ReadyCount
    {
        get
        {
            lock (_lock)
            {
                return _executors.Count(e => e is { Phase: ExecutorPhase.Idle, Tenant: null });
            }
        }
    }

    /// <summary>
    /// From now on executors end themselves when they have a session at <paramref name="timestamp"/> of the runtime's
    /// clock, unless a later one was set by then. They keep to it even while this process is frozen.
    /// </summary>
    public void EndSessionsAt(long timestamp) => _lease.EndAt(timestamp);

    /// <summary>Begins to start executors ahead.</summary>
    public void Start()
    {
        lock (_lock)
        {
            Supply();
        }
    }

    /// <summary>
    /// An executor with the session open on it. Waits in order of arrival while as many as may be are in use.
    /// </summary>
    /// <param name="request">The session.</param>
    /// <param name="observer">Hears what the executor says unasked during the session.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ExecutorUnavailableException">Executors can't be started, or one refused the session.</exception>
    /// <exception cref="ObjectDisposedException">The pool is ending.</exception>
    public async Task<ExecutorSession> AcquireAsync(
        SessionRequest request, ICommandObserver observer, CancellationToken cancellationToken)
    {
        if (!_failures.ContainsKey(request.Device))
        {
            throw new ExecutorUnavailableException(
                $"Device {request.Device} is unknown here; known are: {string.Join(", ", _devices)}.");
        }

        try
        {
            return await OpenOneAsync(request, observer, cancellationToken).ConfigureAwait(false);
        }
        catch when (request.VisibleDevice is not null)
        {
            await GoneAsync(request.Place, CancellationToken.None).ConfigureAwait(false); // the caller takes it away
            throw;
        }
    }

    /// <summary>
    /// Ends the executors on a device that serve nobody, and starts none ahead there until a session wants the whole
    /// device: an open device can't be cut anew by its driver. When the task completes they are gone.
    /// </summary>
    /// <exception cref="ExecutorUnavailableException">They are not, in the time for a start and a kill.</exception>
    public async Task VacateAsync(DeviceAddress device, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _vacated.Add(device);
            Supply();
        }

        await GoneAsync(new ExecutorPlace(device), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Kills all executors, sessions or not, and waits until they are gone, for the kill grace at most.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] gone;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            gone = [.. _executors.Select(e => e.Gone)];
            _executors.ForEach(e => e.Process?.Kill(ExecutorExitKind.Killed, "killed by the worker: it is stopping"));
            _waiters.ForEach(w => w.Fail(new ObjectDisposedException(nameof(ExecutorPool), "The worker is stopping.")));
            _waiters.Clear();
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAny(Task.WhenAll(gone), Task.Delay(_settings.KillGrace, _time)).ConfigureAwait(false);
        await _wake.DisposeAsync().ConfigureAwait(false);
        _lease.Dispose();
        foreach (var share in _shares.Values)
        {
            share.Dispose();
        }

        OwnFolder.Delete(_settings.SocketFolder);
        _stopping.Dispose();
    }

    /// <summary>Waits until the executors there that serve nobody, and will not, are gone.</summary>
    private async Task GoneAsync(ExecutorPlace place, CancellationToken cancellationToken)
    {
        Task[] gone;
        lock (_lock)
        {
            gone = [.. _executors.Where(e => IsOfNoSession(e) && e.Place == place).Select(e => e.Gone)];
        }

        var limit = _settings.StartTimeout + _settings.KillGrace;
        try
        {
            await Task.WhenAll(gone).WaitAsync(limit, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new ExecutorUnavailableException(
                $"Executors on device {place.Device} were not gone within {limit.TotalSeconds:0.###} s.", e);
        }
    }

    private async Task<ExecutorSession> OpenOneAsync(
        SessionRequest request, ICommandObserver observer, CancellationToken cancellationToken)
    {
        var askedAt = _time.GetTimestamp();
        for (var tries = 1; ; tries++)
        {
            var executor = await TakeAsync(request, cancellationToken).ConfigureAwait(false);
            if (await OpenAsync(executor, request, observer, tries, cancellationToken).ConfigureAwait(false)
                is { } session)
            {
                SessionStart?.Record(_time.GetElapsedTime(askedAt).TotalSeconds);
                return session;
            }
        }
    }

    private async Task<PooledExecutor> TakeAsync(SessionRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new AcquireWaiter(request);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (request.VisibleDevice is null)
            {
                _vacated.Remove(request.Device);
            }

            _waiters.Add(waiter);
            Supply();
        }

        await using var registration = cancellationToken.UnsafeRegister(_ => GiveUp(waiter, cancellationToken), null);
        return await waiter.Executor.ConfigureAwait(false);
    }

    private void GiveUp(AcquireWaiter waiter, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_waiters.Remove(waiter))
            {
                waiter.Cancel(cancellationToken);
                Supply(); // what was meant for it may serve another
            }
        }
    }

    /// <summary>Null: that executor is dead, another one may do.</summary>
    private async Task<ExecutorSession?> OpenAsync(
        PooledExecutor executor, SessionRequest request, ICommandObserver observer, int tries,
        CancellationToken cancellationToken)
    {
        var process = executor.Process!;
        var relay = new SessionObserver();
        try
        {
            if (executor.Sessions == 1)
            {
                ShowKernels(executor.Folder!, request.Tenant);
            }

            lock (_lock)
            {
                EnterLedger(executor, request);
            }

            executor.Join(request, _shares[request.Device].Arbiter);
            var command = request.ToCommand(process.Ready);
            if (executor.Ledger is { } ledger)
            {
                command = command with { Ledger = ledger.Path, LedgerEntry = (uint)ledger.Entry };
            }

            var opening = process.Connection.OpenAsync(command, relay, cancellationToken);
            await opening.WaitAsync(_settings.StartTimeout, _time, cancellationToken).ConfigureAwait(false);
            relay.Attach(observer);
            OnOpened(executor);
            return new ExecutorSession(this, executor, request, _settings, _time);
        }
        catch (Exception e)
        {
            End(executor, "its session could not be opened");
            if (e is CommandException { Code: OpenClErrors.ExecutorLost } or IOException && tries < MaxOpenTries)
            {
                return null;
            }

            throw e is CommandException or TimeoutException or IOException
                ? new ExecutorUnavailableException(
                    $"The executor on device {request.Device} did not open session {request.Session}: {e.Message}", e)
                : e;
        }
    }

    private void ShowKernels(ProcessFolder folder, string tenant)
    {
        var kernels = _kernels.Take(tenant);
        try
        {
            folder.Show(kernels);
        }
        catch
        {
            _kernels.Return(kernels);
            throw;
        }
    }
}
