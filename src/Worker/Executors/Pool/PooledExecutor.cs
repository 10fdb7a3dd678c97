namespace GpuActors.Worker.Executors.Pool;

/// <summary>An executor's place in its pool. Everything here is guarded by the pool's lock.</summary>
internal sealed class PooledExecutor(DeviceAddress device)
{
    /// <summary>The device that it opens.</summary>
    public DeviceAddress Device { get; } = device;

    /// <summary>What it is doing.</summary>
    public ExecutorPhase Phase { get; set; } = ExecutorPhase.Starting;

    /// <summary>The process, once it has started.</summary>
    public ExecutorProcess? Process { get; set; }

    /// <summary>The process's own folder, once there is one.</summary>
    public ProcessFolder? Folder { get; set; }

    /// <summary>Whose it is; null until its first session, the same from then on.</summary>
    public string? Tenant { get; set; }

    /// <summary>Sessions that it was given.</summary>
    public int Sessions { get; set; }

    /// <summary>When it became idle, in the clock's ticks.</summary>
    public long IdleSince { get; set; }

    /// <summary>Completes when the process is gone or could not be started.</summary>
    public Task Gone { get; set; } = Task.CompletedTask;

    /// <summary>Kills it for the pool's own reasons; it counts until it is gone.</summary>
    public void End(string why)
    {
        Phase = ExecutorPhase.Ending;
        Process!.Kill(ExecutorExitKind.Killed, "killed by the worker: " + why);
    }
}

/// <summary>What a pooled executor is doing.</summary>
internal enum ExecutorPhase
{
    Starting,
    Idle,
    Opening,
    Busy,
    Ending,
}
