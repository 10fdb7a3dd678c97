using Microsoft.Extensions.Logging;

namespace GpuActors.Worker.Executors;

public sealed partial class ExecutorPool
{
    private static readonly TimeSpan PruneInterval = TimeSpan.FromMinutes(1);

    private long _prunedAt;

    /// <summary>An executor that is the caller's alone until it is put back or retired.</summary>
    private async Task<ExecutorInstance> TakeAsync(string device, string tenant, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ExecutorInstance? evicted = null;
            Spares? awaited = null;
            Task changed;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
                if (TakeIdle(device, tenant) is { } idle)
                    return idle;
                changed = _changed.Task;
                Spares spares = SparesOf(device);
                if (spares.Starting > spares.Awaited)
                {
                    awaited = spares;
                    spares.Awaited++;
                }
                else if (_processes < _options.MaxProcesses)
                {
                    _processes++;
                    break;
                }
                else
                {
                    evicted = TakeLongestIdle();
                }
            }
            if (evicted is not null)
            {
                await RetireAsync(evicted).ConfigureAwait(false);
                continue;
            }
            await WaitAsync(changed, awaited, cancellationToken).ConfigureAwait(false);
        }
        return await LaunchAsync(device, cancellationToken).ConfigureAwait(false);
    }

    private async Task WaitAsync(Task changed, Spares? awaited, CancellationToken cancellationToken)
    {
        try
        {
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (awaited is not null)
            {
                lock (_gate)
                    awaited.Awaited--;
            }
        }
    }

    private ExecutorInstance? TakeIdle(string device, string tenant)
    {
        ExecutorInstance? best = null;
        foreach (ExecutorInstance instance in _idle)
        {
            if (instance.Device != device || (instance.Tenant is { } served && served != tenant))
                continue;
            // The tenant's own before a fresh one; of its own the one used last, whose programs are the warmest.
            if (best is null || (instance.Tenant is not null && (best.Tenant is null || instance.IdleSince > best.IdleSince)))
                best = instance;
        }
        if (best is null)
            return null;
        _idle.Remove(best);
        if (best.Tenant is null)
            StartSpares(device);
        return best;
    }

    private ExecutorInstance? TakeLongestIdle(bool tenantsOnly = false)
    {
        ExecutorInstance? oldest = _idle
            .Where(instance => !tenantsOnly || instance.Tenant is not null)
            .OrderBy(instance => instance.Tenant is null) // fresh ones of other devices only when there is nothing else
            .ThenBy(instance => instance.IdleSince)
            .FirstOrDefault();
        if (oldest is not null)
            _idle.Remove(oldest);
        return oldest;
    }

    /// <summary>An unused executor goes back among the idle ones.</summary>
    private void PutBack(ExecutorInstance instance)
    {
        instance.MemoryLimitBytes = 0;
        lock (_gate)
        {
            if (_running.Contains(instance))
                AddIdle(instance);
        }
    }

    private async Task KeepForTenantAsync(ExecutorInstance instance)
    {
        ExecutorInstance? evicted = null;
        lock (_gate)
        {
            if (!_running.Contains(instance))
                return;
            AddIdle(instance);
            if (_idle.Count(idle => idle.Tenant is not null) > _options.MaxTenantIdle)
                evicted = TakeLongestIdle(tenantsOnly: true);
        }
        if (evicted is not null)
            await RetireAsync(evicted).ConfigureAwait(false);
    }

    private void AddIdle(ExecutorInstance instance)
    {
        instance.IdleSince = _time.GetTimestamp();
        _idle.Add(instance);
        SignalChange();
    }

    /// <summary>Ends a process that nobody has a session on, and waits until it is gone.</summary>
    private async Task RetireAsync(ExecutorInstance instance)
    {
        await instance.DisposeAsync().ConfigureAwait(false);
        lock (_gate)
        {
            if (!_running.Remove(instance))
                return;
            _idle.Remove(instance);
            _processes--;
            SignalChange();
            StartSpares(instance.Device);
        }
    }

    /// <summary>Starts a process for which a place was reserved.</summary>
    private async Task<ExecutorInstance> LaunchAsync(string device, CancellationToken cancellationToken)
    {
        try
        {
            ExecutorInstance instance = await _launcher.LaunchAsync(device, cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                _running.Add(instance);
                _started++;
            }
            LogStarted(instance.Number, instance.ProcessId, device, instance.StartTime.TotalMilliseconds);
            _ = NoticeEndAsync(instance);
            return instance;
        }
        catch
        {
            lock (_gate)
            {
                _processes--;
                SignalChange();
            }
            throw;
        }
    }

    /// <summary>A process that ends while it is idle must not be given to anybody.</summary>
    private async Task NoticeEndAsync(ExecutorInstance instance)
    {
        ExecutorExit exit = await instance.Exited.ConfigureAwait(false);
        bool wasIdle;
        lock (_gate)
        {
            wasIdle = _idle.Remove(instance);
            if (exit.End is not ExecutorEnd.Killed)
                _lost++;
        }
        if (exit.End is not ExecutorEnd.Killed)
            LogEnded(instance.Number, instance.ProcessId, instance.Device, exit.Reason);
        if (wasIdle)
            await RetireAsync(instance).ConfigureAwait(false);
    }

    /// <summary>Keeps as many fresh executors coming as the options say. Called under the lock.</summary>
    private void StartSpares(string device)
    {
        while (!_stopping.IsCancellationRequested && ReserveSpare(device))
            _ = LaunchSpareQuietlyAsync(device);
    }

    private bool ReserveSpare(string device)
    {
        Spares spares = SparesOf(device);
        int fresh = _idle.Count(instance => instance.Device == device && instance.Tenant is null);
        if (fresh + spares.Starting >= _options.ReadyPerDevice || _processes >= _options.MaxProcesses)
            return false;
        spares.Starting++;
        _processes++;
        return true;
    }

    private async Task LaunchSpareAsync(string device)
    {
        try
        {
            await Task.Yield(); // the caller holds the lock
            ExecutorInstance instance = await LaunchAsync(device, _stopping.Token).ConfigureAwait(false);
            lock (_gate)
                AddIdle(instance);
        }
        finally
        {
            lock (_gate)
            {
                SparesOf(device).Starting--;
                SignalChange();
            }
        }
    }

    private async Task LaunchSpareQuietlyAsync(string device)
    {
        try
        {
            await LaunchSpareAsync(device).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Whoever needs an executor next starts one himself and hears why that fails.
            LogNotStarted(device, exception.Message);
        }
    }

    private Spares SparesOf(string device)
    {
        if (!_spares.TryGetValue(device, out Spares? spares))
            _spares[device] = spares = new Spares();
        return spares;
    }

    private void SignalChange()
    {
        TaskCompletionSource changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }

    /// <summary>Looks after memory, idle executors and the kernel cache. Never throws: a timer calls it.</summary>
    private void Watch()
    {
        ExecutorInstance[] running;
        lock (_gate)
            running = [.. _running];
        foreach (ExecutorInstance instance in running)
            WatchMemory(instance);
        _ = RetireUnusedAsync();
        if (_time.GetElapsedTime(_prunedAt) >= PruneInterval)
            Prune(running);
    }

    private void WatchMemory(ExecutorInstance instance)
    {
        ulong limit = instance.MemoryLimitBytes;
        if (limit == 0 || ResidentMemory.PrivateBytes(instance.ProcessId) is not { } resident || resident <= limit)
            return;
        instance.Kill(
            ExecutorEnd.MemoryLimit,
            $"memory limit of the process: {resident >> 20} MiB are in use, its slice and overhead are {limit >> 20} MiB");
    }

    private async Task RetireUnusedAsync()
    {
        var unused = new List<ExecutorInstance>();
        lock (_gate)
        {
            foreach (ExecutorInstance instance in _idle)
            {
                if (instance.Tenant is not null && _time.GetElapsedTime(instance.IdleSince) >= _options.TenantIdleTime)
                    unused.Add(instance);
            }
            foreach (ExecutorInstance instance in unused)
                _idle.Remove(instance);
        }
        foreach (ExecutorInstance instance in unused)
            await RetireAsync(instance).ConfigureAwait(false);
    }

    private void Prune(ExecutorInstance[] running)
    {
        _prunedAt = _time.GetTimestamp();
        try
        {
            _kernels.Prune(running.Select(instance => instance.Tenant).OfType<string>().ToHashSet());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotPruned(exception.Message); // a process wrote there meanwhile: the next time will do
        }
    }

    [LoggerMessage(LogLevel.Information, "executor {Number} (process {ProcessId}) on {Device} is ready after {Ms:0} ms")]
    private partial void LogStarted(long number, int processId, string device, double ms);

    [LoggerMessage(LogLevel.Warning, "executor {Number} (process {ProcessId}) on {Device} ended: {Reason}")]
    private partial void LogEnded(long number, int processId, string device, string reason);

    [LoggerMessage(LogLevel.Warning, "executor {Number} on {Device} could not be emptied and is replaced: {Reason}")]
    private partial void LogNotEmptied(long number, string device, string reason);

    [LoggerMessage(LogLevel.Error, "no executor for {Device} could be started: {Reason}")]
    private partial void LogNotStarted(string device, string reason);

    [LoggerMessage(LogLevel.Warning, "the kernel cache could not be pruned: {Reason}")]
    private partial void LogNotPruned(string reason);
}
