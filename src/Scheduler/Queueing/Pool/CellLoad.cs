using GpuActors.Scheduler.Placement.Cells;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Queueing.Pool;

/// <summary>
/// One cell of a pool as its queue knows it, in a few counts: of each kind of GPU how many hosts have how many empty ones,
/// how many GPUs have how much memory and how much compute free. As <see cref="CellSummary"/> of what the cell's engine
/// knows, it errs on one side only: a cell that it rules out has no room as far as the queue can say.
/// </summary>
/// <param name="fit">Whether devices can serve requests.</param>
public sealed class CellLoad(GpuFit fit) : ICellSummary<GpuRequest>
{
    private const int EmptyLimit = 16;
    private const int Steps = 20;
    private const int Whole = 1000;

    private readonly List<Kind> _kinds = [];
    private readonly Dictionary<string, Entry[]> _hosts = new(StringComparer.Ordinal);

    /// <summary>A host has these devices now, and so much is free of them; none: it is not there.</summary>
    public void Refresh(string host, DeviceLoad[] devices)
    {
        if (_hosts.Remove(host, out var former))
        {
            Count(former, -1);
        }

        if (devices.Length > 0)
        {
            Count(_hosts[host] = Array.ConvertAll(devices, EntryOf), 1);
        }
    }

    /// <inheritdoc/>
    public bool MayFit(GpuRequest request) => _kinds.Exists(kind => MayFit(kind, request));

    /// <inheritdoc/>
    public double FreePart(GpuRequest request)
    {
        var (free, all) = (0L, 0L);
        foreach (var kind in _kinds)
        {
            if (fit.AmountOn(request, kind.Like) is not null && fit.MatchesModel(request, kind.Like))
            {
                free += kind.FreeMilli;
                all += kind.Gpus * (long)Whole;
            }
        }

        return all == 0 ? 0 : (double)free / all;
    }

    private bool MayFit(Kind kind, GpuRequest request)
    {
        if (kind.Gpus == 0 || !fit.MatchesModel(request, kind.Like) || fit.AmountOn(request, kind.Like) is not { } amount)
        {
            return false;
        }

        if (request.Whole)
        {
            return HasAny(kind.HostsByEmpty, Math.Min(request.Count, EmptyLimit));
        }

        return HasAny(kind.ByMemory, StepOf(amount.GpuMemoryBytes, kind.Like.MemoryBytes))
            && (request.Profile is not null || request.Function || HasAny(kind.ByCompute, StepOf(amount.GpuMilli, Whole)));
    }

    private static bool HasAny(int[] counts, int least) => Array.FindIndex(counts, least, count => count > 0) >= 0;

    /// <summary>Rounded down, of what is free as of what is asked for, so that nobody who fits is ruled out.</summary>
    private static int StepOf(long part, long all) => all <= 0 ? 0 : (int)Math.Clamp(part * Steps / all, 0, Steps);

    private Entry EntryOf(DeviceLoad device)
    {
        var free = device.Free;
        var memory = device.Gpu.MemoryBytes > 0 ? free.MemoryFree * Whole / device.Gpu.MemoryBytes : Whole;
        return new Entry(
            KindOf(device.Gpu),
            free.IsEmpty,
            StepOf(free.MemoryFree, device.Gpu.MemoryBytes),
            StepOf(free.IsEmpty ? Whole : free.ComputeFree * 10L, Whole),
            Math.Min(memory, free.ComputeFree * 10L));
    }

    private Kind KindOf(GpuInventory gpu)
    {
        var kind = _kinds.Find(known => known.Like.Model == gpu.Model && known.Like.MemoryBytes == gpu.MemoryBytes);
        if (kind is null)
        {
            _kinds.Add(kind = new Kind(gpu));
        }

        return kind;
    }

    private static void Count(Entry[] host, int change)
    {
        var empty = Math.Min(host.Count(gpu => gpu.IsEmpty), EmptyLimit);
        foreach (var kind in host.Select(gpu => gpu.Kind).Distinct())
        {
            kind.HostsByEmpty[empty] += change;
        }

        foreach (var gpu in host)
        {
            gpu.Kind.ByMemory[gpu.Memory] += change;
            gpu.Kind.ByCompute[gpu.Compute] += change;
            gpu.Kind.FreeMilli += change * gpu.FreeMilli;
            gpu.Kind.Gpus += change;
        }
    }

    private readonly record struct Entry(Kind Kind, bool IsEmpty, int Memory, int Compute, long FreeMilli);

    private sealed class Kind(GpuInventory like)
    {
        /// <summary>One of the kind; model and memory are those of all.</summary>
        public GpuInventory Like { get; } = like;

        public int[] HostsByEmpty { get; } = new int[EmptyLimit + 1];

        public int[] ByMemory { get; } = new int[Steps + 1];

        public int[] ByCompute { get; } = new int[Steps + 1];

        public long FreeMilli { get; set; }

        public int Gpus { get; set; }
    }
}
