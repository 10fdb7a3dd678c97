using GpuActors.Worker.Sharing;
using Microsoft.Extensions.Logging;

namespace GpuActors.Worker.Executors.Pool;

// Who gets which executor, what is started and what is ended. Every change ends in Supply, which looks at the whole.
public sealed partial class ExecutorPool
{
    /// <summary>Serves the waiting in order of arrival, then starts ahead. The lock is held.</summary>
    private void Supply()
    {
        if (_disposed)
        {
            return;
        }

        // One moment for all: a pause that is not over for a waiter must not be over for the timer that wakes it.
        var now = _time.GetTimestamp();
        var starting = _executors.Where(e => e.Phase == ExecutorPhase.Starting).Select(e => e.Place).ToList();
        var ending = _executors.Count(e => e.Phase == ExecutorPhase.Ending);
        foreach (var waiter in _waiters.ToArray())
        {
            if (FindIdle(waiter) is { } executor)
            {
                HandOver(executor, waiter);
            }
            else if (waiter.Place.VisibleDevice is null && IsHopeless(waiter.Device, now))
            {
                _waiters.Remove(waiter);
                waiter.Fail(_failures[waiter.Device].Last!);
            }
            else if (!starting.Remove(waiter.Place) && MayStart(waiter.Place, now))
            {
                StartOrMakeRoom(waiter, ref ending);
            }
        }

        foreach (var executor in _executors.Where(IsUnwanted).ToArray())
        {
            executor.End("nobody waits for what it has opened");
        }

        if (_waiters.Count == 0)
        {
            StartAhead(now);
        }

        ArmWake(now);
    }

    /// <summary>The tenant's own executor that served last, or else one that has served nobody.</summary>
    private PooledExecutor? FindIdle(AcquireWaiter waiter)
    {
        var onDevice = _executors.Where(e => e.Phase == ExecutorPhase.Idle && e.Place == waiter.Place);
        return onDevice.Where(e => e.Tenant == waiter.Tenant).MaxBy(e => e.IdleSince)
            ?? onDevice.FirstOrDefault(e => e.Tenant is null);
    }

    private void HandOver(PooledExecutor executor, AcquireWaiter waiter)
    {
        _waiters.Remove(waiter);
        executor.Phase = ExecutorPhase.Opening;
        executor.Tenant = waiter.Tenant;
        executor.Sessions++;
        waiter.Give(executor);
    }

    /// <summary>It keeps a device open that is to be cut anew, or a part whose session was given up.</summary>
    private bool IsUnwanted(PooledExecutor executor) =>
        executor.Phase == ExecutorPhase.Idle
        && (executor.Place.VisibleDevice is not null || _vacated.Contains(executor.Device));

    private static bool IsOfNoSession(PooledExecutor executor) =>
        executor.Phase is ExecutorPhase.Idle or ExecutorPhase.Starting or ExecutorPhase.Ending;

    /// <summary>Pauses are for the device's starts; a part has one try for its one session.</summary>
    private bool MayStart(ExecutorPlace place, long now) =>
        place.VisibleDevice is not null || _failures[place.Device].MayTry(now);

    /// <summary>Starts keep failing, and the next try is not due: who asks is told of the last one.</summary>
    private bool IsHopeless(DeviceAddress device, long now) =>
        _failures[device].Hopeless && !_failures[device].MayTry(now);

    private void StartOrMakeRoom(AcquireWaiter waiter, ref int ending)
    {
        if (waiter.Place.VisibleDevice is null && _failures[waiter.Device].Hopeless && IsStarting(waiter.Device))
        {
            return; // that try decides for all who wait
        }

        if (_executors.Count < _settings.MaxTotal)
        {
            Begin(waiter.Place);
        }
        else if (ending > 0)
        {
            ending--; // its place is this waiter's
        }
        else
        {
            Evict(waiter);
        }
    }

    private bool IsStarting(DeviceAddress device) =>
        _executors.Exists(e => e.Phase == ExecutorPhase.Starting && e.Place == new ExecutorPlace(device));

    /// <summary>The idle executor that was used longest ago; those started ahead go last.</summary>
    private void Evict(AcquireWaiter waiter)
    {
        var idle = _executors.Where(e => e.Phase == ExecutorPhase.Idle).OrderBy(e => e.Tenant is null)
            .ThenBy(e => e.IdleSince).FirstOrDefault();
        idle?.End($"device {waiter.Device} needs its place");
    }

    private void StartAhead(long now)
    {
        if (_executors.Exists(e => e.Phase == ExecutorPhase.Opening))
        {
            return; // a process that starts would take the processor from a session that somebody waits for
        }

        foreach (var device in _devices.Where(device => !_vacated.Contains(device)))
        {
            var ahead = _executors.Count(e =>
                e.Place == new ExecutorPlace(device) && e.Tenant is null
                && e.Phase is ExecutorPhase.Idle or ExecutorPhase.Starting);
            while (ahead++ < _settings.PrestartPerDevice && _executors.Count < _settings.MaxTotal
                && _failures[device].MayTry(now))
            {
                Begin(new ExecutorPlace(device));
            }
        }
    }

    private void Begin(ExecutorPlace place)
    {
        var executor = new PooledExecutor(place);
        _executors.Add(executor);
        executor.Gone = RunAsync(executor);
    }

    /// <summary>The life of one executor, from its start until it is gone.</summary>
    private async Task RunAsync(PooledExecutor executor)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // the caller holds the lock
        try
        {
            var path = Path.Combine(_settings.SocketFolder, $"{Interlocked.Increment(ref _folderNumber)}");
            executor.Folder = new ProcessFolder(path, _lease.Path, _shares[executor.Device].BellPath);
            executor.Page = SharePage.Create(executor.Folder.Share);
            var process = await ExecutorProcess.StartAsync(
                _command, executor.Place, executor.Folder, _settings, _time, _logger, _stopping.Token)
                .ConfigureAwait(false);
            OnStarted(executor, process);
            OnGone(executor, await process.Exited.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            Remove(executor, null);
        }
        catch (Exception e)
        {
            Remove(executor, e as ExecutorUnavailableException ?? new ExecutorUnavailableException(
                $"An executor could not be started: {e.Message}", e));
        }
    }

    private void OnStarted(PooledExecutor executor, ExecutorProcess process)
    {
        lock (_lock)
        {
            executor.Process = process;
            executor.Phase = ExecutorPhase.Idle;
            executor.IdleSince = _time.GetTimestamp();
            _starts++;
            if (executor.Place.VisibleDevice is null)
            {
                _failures[executor.Device].Clear();
            }

            if (_disposed)
            {
                executor.End("it is stopping");
            }

            Supply();
        }
    }

    private void OnGone(PooledExecutor executor, ExecutorExit exit)
    {
        if (exit.Kind != ExecutorExitKind.Killed)
        {
            _logger.LogWarning(
                "Executor {ProcessId} on device {Device} is gone while {Phase}: {Exit}", executor.Process!.Id,
                executor.Device, executor.Phase, exit.Description);
        }

        Remove(executor, null);
    }

    private void Remove(PooledExecutor executor, ExecutorUnavailableException? failure)
    {
        Leave(executor);
        lock (_lock)
        {
            _executors.Remove(executor);
            executor.Page?.Dispose();
            PruneIfDue();
            if (failure is not null)
            {
                _failedStarts++;
                _logger.LogError(failure, "No executor on device {Device}: {Reason}", executor.Device, failure.Message);
                Count(executor.Place, failure);
            }

            Supply();
        }

        if (executor.Folder is { } folder)
        {
            folder.Delete();
            if (folder.Kernels is { } kernels)
            {
                _kernels.Return(kernels);
            }
        }
    }

    /// <summary>A failed start: the device's pause, the end of waiting for a part. The lock is held.</summary>
    private void Count(ExecutorPlace place, ExecutorUnavailableException failure)
    {
        if (place.VisibleDevice is null)
        {
            _failures[place.Device].Add(failure);
        }
        else if (_waiters.Find(waiter => waiter.Place == place) is { } waiter)
        {
            _waiters.Remove(waiter);
            waiter.Fail(failure);
        }
    }

    /// <summary>The session that the executor was taken for is open.</summary>
    private void OnOpened(PooledExecutor executor)
    {
        lock (_lock)
        {
            if (executor.Phase == ExecutorPhase.Opening)
            {
                executor.Phase = ExecutorPhase.Busy;
            }

            Supply();
        }
    }

    /// <summary>The executor's session is over. Not under the lock: the arbiter may make it wait.</summary>
    private void Leave(PooledExecutor executor)
    {
        lock (_lock)
        {
            KeepLastUse(executor);
            executor.Session = null;
        }

        executor.Leave();
    }

    /// <summary>An executor whose session has ended and left nothing behind is free for the tenant's next.</summary>
    internal void Return(PooledExecutor executor)
    {
        Leave(executor);
        lock (_lock)
        {
            if (executor.Phase == ExecutorPhase.Busy)
            {
                executor.Phase = ExecutorPhase.Idle;
                executor.IdleSince = _time.GetTimestamp();
            }

            PruneIfDue();
            Supply();
        }
    }

    /// <summary>The executor was killed: its place will be free soon.</summary>
    internal void MarkEnding(PooledExecutor executor)
    {
        lock (_lock)
        {
            executor.Phase = ExecutorPhase.Ending;
            CloseLedger(executor);
        }
    }

    /// <summary>Kills an executor that can't be used again.</summary>
    internal void End(PooledExecutor executor, string why)
    {
        lock (_lock)
        {
            executor.End(why);
        }
    }

    /// <summary>Looks at the size of compiled kernels now and then. The lock is held.</summary>
    private void PruneIfDue()
    {
        if (!_disposed && _time.GetElapsedTime(_prunedAt) >= _settings.KernelCheckInterval)
        {
            _prunedAt = _time.GetTimestamp();
            _ = PruneAsync();
        }
    }

    private async Task PruneAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // the caller holds the lock
        _kernels.Prune();
        lock (_lock)
        {
            foreach (var executor in _executors.Where(
                e => e is { Phase: ExecutorPhase.Idle, Folder.Kernels.IsClosed: true }).ToArray())
            {
                executor.End("too many compiled kernels are kept for its tenant");
            }

            Supply();
        }
    }

    private void OnWake()
    {
        lock (_lock)
        {
            foreach (var executor in _executors.Where(e => IdleLeft(e) <= TimeSpan.Zero).ToArray())
            {
                executor.End($"unused for {_settings.IdleTimeout.TotalSeconds:0.###} s");
            }

            Supply();
        }
    }

    /// <summary>Wakes when the next idle executor has waited long enough or a failed start may be tried again.</summary>
    private void ArmWake(long now)
    {
        var next = Timeout.InfiniteTimeSpan;
        foreach (var due in _executors.Select(IdleLeft).Concat(
            _failures.Values.Where(f => !f.MayTry(now)).Select(f => (TimeSpan?)f.Remaining(now))))
        {
            if (due is { } left && (next < TimeSpan.Zero || left < next))
            {
                next = left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }

        // Rounded up: a timer that fires a fraction of a millisecond early would spin until it is due.
        _wake.Change(next < TimeSpan.Zero ? next : next + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Null: it is not idle, or it was started ahead and waits for as long as it takes.</summary>
    private TimeSpan? IdleLeft(PooledExecutor executor) =>
        executor.Phase == ExecutorPhase.Idle && !IsStartedAhead(executor)
            ? _settings.IdleTimeout - _time.GetElapsedTime(executor.IdleSince)
            : null;

    /// <summary>
    /// Whether it is one of those that wait for whoever comes. There can be more that nobody has used: of many who came at
    /// the same moment some were served by executors that others had left.
    /// </summary>
    private bool IsStartedAhead(PooledExecutor executor)
    {
        if (executor is not { Tenant: null, Place.VisibleDevice: null })
        {
            return false;
        }

        var before = _executors.TakeWhile(other => other != executor)
            .Count(other => other is { Phase: ExecutorPhase.Idle, Tenant: null } && other.Place == executor.Place);
        return before < _settings.PrestartPerDevice;
    }
}
