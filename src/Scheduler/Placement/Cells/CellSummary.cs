using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Cells;

/// <summary>
/// What a router knows of a cell: for each GPU model how many hosts have how many idle GPUs, how many have how much free
/// on the GPU with most, and how much is free in all. A few hundred bytes for each model, kept up to date host by host.
/// </summary>
/// <remarks>
/// It errs on one side only: a cell that it rules out has no room; one that it does not rule out may have none either, for
/// want of CPU or memory.
/// </remarks>
public sealed class CellSummary : ICellSummary<RequestClass>
{
    private const int IdleLimit = 16;
    private const int BucketMilli = 50;
    private const int Buckets = (ClusterState.WholeMilli / BucketMilli) + 1;

    private readonly ClusterState _state;
    private readonly List<ModelCounts> _models = [];
    private HostEntry[] _hosts = [];

    /// <summary>Of a cell as it is now.</summary>
    public CellSummary(ClusterState state)
    {
        _state = state;
        for (var host = 0; host < state.HostCount; host++)
        {
            Refresh(host);
        }
    }

    /// <summary>A host has changed.</summary>
    public void Refresh(int host)
    {
        if (host >= _hosts.Length)
        {
            Array.Resize(ref _hosts, Math.Max(_state.HostCount, host + 1));
        }

        ref readonly var record = ref _state.Record(host);
        Count(_hosts[host], -1);
        _hosts[host] = new HostEntry(
            record.Model, record.IsOpen, (byte)Math.Min((int)record.IdleGpus, IdleLimit),
            (byte)(record.LargestFreeMilli / BucketMilli), record.GpuFreeMilli, record.GpuCount);
        Count(_hosts[host], 1);
    }

    /// <inheritdoc/>
    public bool MayFit(RequestClass request)
    {
        for (var model = 0; model < _models.Count; model++)
        {
            if (_models[model].OpenHosts > 0 && request.Allows(model) && MayFit(_models[model], request))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public double FreePart(RequestClass request)
    {
        var (free, all) = (0L, 0L);
        for (var model = 0; model < _models.Count; model++)
        {
            if (request.Allows(model))
            {
                free += _models[model].FreeMilli;
                all += _models[model].Gpus * (long)ClusterState.WholeMilli;
            }
        }

        return all == 0 ? 0 : (double)free / all;
    }

    private static bool MayFit(ModelCounts counts, RequestClass request)
    {
        if (request.GpuCount == 0)
        {
            return true;
        }

        var isWhole = request.GpuMilli == ClusterState.WholeMilli;
        var hosts = isWhole ? counts.HostsByIdle : counts.HostsByLargest;
        var least = isWhole ? Math.Min(request.GpuCount, IdleLimit) : request.GpuMilli / BucketMilli;
        for (var i = least; i < hosts.Length; i++)
        {
            if (hosts[i] > 0)
            {
                return true;
            }
        }

        return false;
    }

    private void Count(in HostEntry host, int change)
    {
        if (!host.IsOpen)
        {
            return;
        }

        while (_models.Count <= host.Model)
        {
            _models.Add(new ModelCounts());
        }

        var counts = _models[host.Model];
        counts.OpenHosts += change;
        counts.HostsByIdle[host.Idle] += change;
        counts.HostsByLargest[host.Largest] += change;
        counts.FreeMilli += change * host.FreeMilli;
        counts.Gpus += change * host.Gpus;
    }

    private readonly record struct HostEntry(
        ushort Model, bool IsOpen, byte Idle, byte Largest, int FreeMilli, byte Gpus);

    private sealed class ModelCounts
    {
        public int OpenHosts { get; set; }

        public int[] HostsByIdle { get; } = new int[IdleLimit + 1];

        public int[] HostsByLargest { get; } = new int[Buckets];

        public long FreeMilli { get; set; }

        public long Gpus { get; set; }
    }
}
