using GpuActors.Actors.TestKit.Simulation;
using GpuActors.Shared.Messages;
using GpuActors.Simulation.Cluster;
using GpuActors.Simulation.Devices;

namespace GpuActors.Simulation.Oracle;

/// <summary>An attempt that really runs on devices.</summary>
internal sealed record DeviceRun(WorkerHost Worker, StartAttempt Attempt)
{
    public string Session => Attempt.Session;

    public long Epoch => Attempt.Epoch;

    public bool IsOn { get; set; } = true;

    public override string ToString() => $"{Session}@{Epoch} on {Attempt.Slices[0].Name}";
}

/// <summary>
/// Knows what the hardware does, and checks at each begin that no device is given twice, that nothing of a session runs
/// twice, and that no epoch comes back. A host that stands still runs nothing; when it goes on it has
/// <see cref="Grace"/> to notice that its lease is over.
/// </summary>
internal sealed class DeviceOracle(SimulatedWorld world, Verdict verdict)
{
    /// <summary>How long a host that stood still may take to end what it must not run any more.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly Dictionary<(string Host, int Gpu), List<DeviceRun>> _onDevice = [];
    private readonly Dictionary<string, List<DeviceRun>> _ofSession = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _newestEpoch = new(StringComparer.Ordinal);
    private readonly HashSet<(string Session, long Epoch)> _completed = [];

    /// <summary>Attempts that began.</summary>
    public int Begun { get; private set; }

    /// <summary>Attempts that run now.</summary>
    public IEnumerable<DeviceRun> Running => _ofSession.Values.SelectMany(runs => runs);

    /// <summary>An attempt ran to its end with that epoch.</summary>
    public bool HasCompleted(string session, long epoch) => _completed.Contains((session, epoch));

    /// <summary>An attempt begins.</summary>
    public DeviceRun Begin(WorkerHost worker, StartAttempt attempt)
    {
        var run = new DeviceRun(worker, attempt);
        world.Trace.Add(worker.Name, $"runs {run}");
        Begun++;
        CheckSession(run);
        foreach (var slice in attempt.Slices)
        {
            var others = RunsOn(worker.Name, slice.GpuIndex);
            CheckDevice(run, slice, others);
            others.Add(run);
        }

        RunsOf(run.Session).Add(run);
        return run;
    }

    /// <summary>An attempt has ended.</summary>
    public void End(DeviceRun run, bool completed)
    {
        if (!run.IsOn)
        {
            return;
        }

        run.IsOn = false;
        world.Trace.Add(run.Worker.Name, $"{(completed ? "completed" : "ended")} {run}");
        foreach (var slice in run.Attempt.Slices)
        {
            RunsOn(run.Worker.Name, slice.GpuIndex).Remove(run);
        }

        RunsOf(run.Session).Remove(run);
        if (completed)
        {
            _completed.Add((run.Session, run.Epoch));
        }
    }

    /// <summary>The cluster believes that an attempt is over and takes its slices back.</summary>
    public void CheckOver(string session, long epoch, string because)
    {
        foreach (var run in RunsOf(session))
        {
            if (run.Epoch == epoch && !run.Worker.IsExcused)
            {
                verdict.Broken("slices taken back while their attempt runs", $"{run}, because of {because}");
            }
        }
    }

    /// <summary>A host that stood still has had its time to notice.</summary>
    public void CheckAfterGrace(WorkerHost worker)
    {
        foreach (var run in Running.Where(run => run.Worker == worker).ToArray())
        {
            if (!worker.IsExcused && RunsOf(run.Session).Exists(other => other.Epoch > run.Epoch))
            {
                verdict.Broken("a session runs twice", $"{run} goes on after a pause beside a newer attempt");
            }
        }
    }

    private void CheckSession(DeviceRun run)
    {
        foreach (var other in RunsOf(run.Session))
        {
            if (!other.Worker.IsExcused && !run.Worker.IsExcused)
            {
                verdict.Broken("a session runs twice", $"{run} beside {other}");
            }
        }

        var newest = _newestEpoch.GetValueOrDefault(run.Session);
        if (run.Epoch < newest && !run.Worker.IsExcused)
        {
            verdict.Broken("an old epoch runs again", $"{run} after epoch {newest}");
        }

        _newestEpoch[run.Session] = Math.Max(newest, run.Epoch);
    }

    private void CheckDevice(DeviceRun run, SliceGrant slice, List<DeviceRun> others)
    {
        var gpu = run.Worker.Gpus[slice.GpuIndex];
        var (memory, compute) = (slice.MemoryBytes, slice.ComputePercent);
        foreach (var other in others)
        {
            foreach (var taken in other.Attempt.Slices.Where(s => s.GpuIndex == slice.GpuIndex))
            {
                memory += taken.MemoryBytes;
                compute += taken.ComputePercent;
                if (taken.Name == slice.Name || taken.Whole || slice.Whole || SimulatedGpus.Overlap(gpu, taken, slice))
                {
                    verdict.Broken("a slice is given twice", $"{run} beside {other}");
                }
            }
        }

        if (memory > gpu.MemoryBytes || compute > 100)
        {
            verdict.Broken(
                "a GPU is over-committed",
                $"{run} beside {string.Join(", ", others)}: {memory} of {gpu.MemoryBytes} bytes, {compute} %");
        }
    }

    private List<DeviceRun> RunsOn(string host, int gpu) => ListOf(_onDevice, (host, gpu));

    private List<DeviceRun> RunsOf(string session) => ListOf(_ofSession, session);

    private static List<DeviceRun> ListOf<TKey>(Dictionary<TKey, List<DeviceRun>> lists, TKey key)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list))
        {
            lists[key] = list = [];
        }

        return list;
    }
}
