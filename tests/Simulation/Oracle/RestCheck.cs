using GpuActors.Scheduler.Placement;
using GpuActors.Simulation.Cluster;
using GpuActors.Simulation.Devices;
using GpuActors.Simulation.Workload;

namespace GpuActors.Simulation.Oracle;

/// <summary>
/// What must be true when all faults are over and time has passed: every accepted job has ended or waits for what no
/// host has, nothing runs or is reserved for who has ended, and the cell believes what the journal says.
/// </summary>
internal sealed class RestCheck(SimulatedCluster cluster, SimulatedClients clients)
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, CellInventory> _cells = new(StringComparer.Ordinal);
    private TimeSpan _nextLook;

    /// <summary>Everything has come to rest. Looks now and then, because it is called after every event.</summary>
    public bool IsAtRest()
    {
        if (cluster.World.Now < _nextLook)
        {
            return false;
        }

        _nextLook = cluster.World.Now + LooksEvery;
        return cluster.Journal.Reserved.Count == 0 && !cluster.Devices.Running.Any()
            && clients.Jobs.All(HasEndedOrWaits);
    }

    /// <summary>Says what has not come to rest.</summary>
    public void ReportUnrest()
    {
        cluster.World.Trace.Add("cells", $"{_cells.Count} of {cluster.Cells} answer");
        foreach (var (name, cell) in _cells)
        {
            cluster.World.Trace.Add("cell", name + ": " + string.Join(
                ", ", cell.Devices.Select(d => $"{d.Host}/{d.Gpu.Index} {(d.Available ? "up" : "down")} {d.Slices.Length}")));
        }

        foreach (var job in clients.Jobs.Where(job => !HasEndedOrWaits(job)).Take(5))
        {
            var what = job.IsAcknowledged ? $"epoch {cluster.Journal.Find(job.Session)?.Epoch}: {job.Reason}" : "not accepted";
            cluster.Verdict.Broken("every job ends", $"{job.Session}, {what}");
        }

        foreach (var ((cell, session), reserved) in cluster.Journal.Reserved.Take(5))
        {
            cluster.Verdict.Broken("no slice is held by who has ended", $"{session}@{reserved.Epoch} of {cell}");
        }

        foreach (var run in cluster.Devices.Running.Take(5))
        {
            cluster.Verdict.Broken("nothing runs for ever", run.ToString());
        }
    }

    /// <summary>Asks everybody once more; <see cref="CheckAnswers"/> some time later.</summary>
    public void AskAll()
    {
        foreach (var job in clients.Jobs)
        {
            job.Reason = null;
            clients.Ask(job);
        }

        cluster.Schedulers[0].AskCells<CellInventory>(new GetCellInventory(), answer => _cells[answer.Cell ?? ""] = answer);
    }

    /// <summary>What the answers to <see cref="AskAll"/> must be.</summary>
    public void CheckAnswers()
    {
        foreach (var job in clients.Jobs.Where(job => cluster.Journal.Find(job.Session) is { End: null }))
        {
            if (string.IsNullOrEmpty(job.Reason))
            {
                cluster.Verdict.Broken("who waits is told why", job.Session);
            }
        }

        if (_cells.Count < cluster.Cells)
        {
            cluster.Verdict.Broken("a cell answers", $"{_cells.Count} of {cluster.Cells} do");
        }

        foreach (var held in _cells.Values.SelectMany(cell => cell.Devices).Where(device => device.Slices.Length > 0))
        {
            cluster.Verdict.Broken("a cell agrees with its journal", $"{held.Slices[0].Slice.Name} of {held.Slices[0].Session}");
        }

        var hosts = _cells.Values.SelectMany(cell => cell.Devices.Select(device => (device.Host, cell.Cell))).Distinct();
        foreach (var twice in hosts.GroupBy(known => known.Host).Where(cells => cells.Count() > 1))
        {
            cluster.Verdict.Broken("a host is of one cell", twice.Key);
        }
    }

    private bool HasEndedOrWaits(SimulatedJob job) =>
        cluster.Journal.Find(job.Session) is { } record
        && (record.End is not null || !CouldRun(job));

    private bool CouldRun(SimulatedJob job) => cluster.Workers.Any(worker => !worker.IsRemoved && worker.Slots > 0
        && worker.Gpus.Count(gpu => SimulatedGpus.CouldHold(
            gpu, job.Document.Gpu, cluster.Journal.ModeSetting(worker.Name, gpu.Index))) >= job.Document.Gpu.Count);
}
