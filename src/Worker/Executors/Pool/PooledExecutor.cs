using System.Globalization;
using GpuActors.Worker.Sharing;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>An executor's place in its pool. Everything here is guarded by the pool's lock.</summary>
internal sealed class PooledExecutor(ExecutorPlace place)
{
    /// <summary>What it opens.</summary>
    public ExecutorPlace Place { get; } = place;

    /// <summary>The device that it runs on.</summary>
    public DeviceAddress Device => Place.Device;

    /// <summary>What it is doing.</summary>
    public ExecutorPhase Phase { get; set; } = ExecutorPhase.Starting;

    /// <summary>The process, once it has started.</summary>
    public ExecutorProcess? Process { get; set; }

    /// <summary>The process's own folder, once there is one.</summary>
    public ProcessFolder? Folder { get; set; }

    /// <summary>The page that the process and the worker share, once there is one.</summary>
    public SharePage? Page { get; set; }

    /// <summary>The session that it serves; null while it serves none.</summary>
    public SessionRequest? Session { get; set; }

    /// <summary>Where it books its session's memory beside others that serve it too; null: nobody else does.</summary>
    public (string Path, int Entry)? Ledger { get; set; }

    /// <summary>The session's membership among those that take turns on the device.</summary>
    public IDisposable? Turns { get; set; }

    /// <summary>Time that the session's kernels ran, as it was told last: it never goes back.</summary>
    public TimeSpan Busy { get; set; }

    /// <summary>Whose it is; null until its first session, the same from then on.</summary>
    public string? Tenant { get; set; }

    /// <summary>Sessions that it was given.</summary>
    public int Sessions { get; set; }

    /// <summary>When it became idle, in the clock's ticks.</summary>
    public long IdleSince { get; set; }

    /// <summary>Completes when the process is gone or could not be started.</summary>
    public Task Gone { get; set; } = Task.CompletedTask;

    /// <summary>A session is about to begin.</summary>
    public void Join(SessionRequest request, DeviceArbiter arbiter)
    {
        (Session, Busy) = (request, TimeSpan.Zero);
        Page!.TakesTurns = false;
        var process = Process!;
        Turns = request.Claim is { } claim
            ? arbiter.Join(
                Page, claim, overrun => process.Kill(ExecutorExitKind.TurnExceeded, Describe(overrun)),
                request.SharesSlice ? $"{request.Slice}@{request.Epoch}" : null)
            : null;
    }

    /// <summary>The session has ended, and nothing of it runs any more.</summary>
    public void Leave()
    {
        Session = null;
        Turns?.Dispose();
        Turns = null;
    }

    private static string Describe(TimeSpan overrun) => string.Create(
        CultureInfo.InvariantCulture,
        $"a kernel held the shared GPU for {overrun.TotalSeconds:0.#} s beyond its turn while others waited for theirs; ")
        + "more is not allowed here (worker.devices.time-slice.overrun-max): use shorter kernels, or ask for a whole GPU";

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
