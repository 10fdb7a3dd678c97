using System.Numerics;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using PlacedSlice = GpuActors.Shared.Devices.PlacedSlice;

namespace GpuActors.Scheduler.Placement;

/// <summary>Checks devices against a request and counts why they were refused, so that a waiting session can say why.</summary>
internal sealed class RefusalTally(GpuRequest request, HostBarriers barriers)
{
    private static readonly Obstacle[] Obstacles = Enum.GetValues<Obstacle>();

    private readonly SliceDemand _demand = new(request);
    private readonly int[] _counts = new int[Obstacles.Length];
    private readonly SortedSet<GpuMode> _modesSet = [];
    private readonly SortedSet<GpuMode> _modesInUse = [];
    private int _hostsUnavailable;
    private int _noSlot;
    private int _kept;
    private int _tooFew;
    private int _apart;
    private int _fitting;
    private long _largestMemory;

    /// <summary>Some host would have room if it were empty.</summary>
    public bool CouldFit { get; private set; }

    /// <summary>A host that may not be given anything now.</summary>
    public void HostUnavailable() => _hostsUnavailable++;

    /// <summary>A host that runs as many sessions as it may.</summary>
    public void NoSlot(string host, GpuState[] gpus)
    {
        CouldFit |= CouldServe(host, gpus);
        _noSlot++;
    }

    /// <summary>Whether the host may be used at all; if not, why is counted.</summary>
    public bool MayUse(string host, GpuState[] gpus)
    {
        if (!barriers.IsOff(host))
        {
            return true;
        }

        CouldFit |= CouldServe(host, gpus);
        return false;
    }

    /// <summary>A device that is kept for somebody else.</summary>
    public void Kept() => _kept++;

    /// <summary>A host on which some devices fit, but not as many as asked for, or none that belong together.</summary>
    /// <param name="fitting">Those that fit, as bits.</param>
    /// <param name="host">The host's name.</param>
    /// <param name="gpus">Its devices.</param>
    public void TooFewOnHost(ulong fitting, string host, GpuState[] gpus)
    {
        CouldFit = CouldFit || CouldServe(host, gpus);
        var count = BitOperations.PopCount(fitting);
        if (count >= request.Count)
        {
            _apart++;
            return;
        }

        _tooFew += count > 0 ? 1 : 0;
        _fitting = Math.Max(_fitting, count);
    }

    /// <summary>The device has room for the request now; otherwise the first reason that it has not is counted.</summary>
    public bool Admits(GpuState gpu, out PlacedSlice place)
    {
        var obstacle = ObstacleOn(gpu, out place);
        if (obstacle == Obstacle.None)
        {
            return true;
        }

        _counts[(int)obstacle]++;
        switch (obstacle)
        {
            case Obstacle.TooSmall:
                _largestMemory = Math.Max(_largestMemory, gpu.Inventory.MemoryBytes);
                break;
            case Obstacle.ModeSet:
                _modesSet.Add(gpu.Setting!.Value);
                break;
            case Obstacle.OtherMode:
                _modesInUse.Add(gpu.Mode!.Value);
                break;
        }

        return false;
    }

    /// <summary>All reasons with their counts, in one sentence.</summary>
    public string Sentence() => Sentence(Reasons(), request.Pool);

    /// <summary>Reasons with their counts, in one sentence.</summary>
    public static string Sentence(IReadOnlyCollection<PlacementReason> reasons, string pool) => reasons.Count == 0
        ? $"No host with a GPU has joined pool '{pool}' yet."
        : $"No room: {string.Join("; ", reasons.Select(part => $"{part.Count} {part.What}"))}.";

    /// <summary>All reasons with their counts.</summary>
    public IReadOnlyList<PlacementReason> Reasons()
    {
        var parts = new List<PlacementReason>();
        Add(parts, _hostsUnavailable, "host(s) not available");
        Add(parts, _noSlot, "host(s) with as many sessions as they run at once (worker.slots)");
        parts.AddRange(barriers.Reasons());
        foreach (var obstacle in Obstacles)
        {
            Add(parts, _counts[(int)obstacle], Words(obstacle));
        }

        Add(parts, _kept, "GPU(s) kept for jobs that go first");
        Add(parts, _tooFew, $"host(s) with at most {_fitting} of the {request.Count} GPUs asked for");
        Add(parts, _apart, $"host(s) whose GPUs that fit don't belong together (topology {request.Topology.ToString().ToLowerInvariant()})");
        return parts;
    }

    private bool CouldServe(string host, GpuState[] gpus)
    {
        var could = 0UL;
        for (var i = 0; i < gpus.Length && i < HostSpec.GpuLimit; i++)
        {
            could |= CouldAdmit(gpus[i]) ? 1UL << i : 0;
        }

        return barriers.CouldServe(host, could);
    }

    private bool CouldAdmit(GpuState gpu) =>
        _demand.KindOf(gpu) == Obstacle.None && _demand.ShapeOn(gpu) is { } shape && gpu.CouldHold(shape);

    private Obstacle ObstacleOn(GpuState gpu, out PlacedSlice place)
    {
        place = default;
        if (_demand.KindOf(gpu) is not Obstacle.None and var kind)
        {
            return kind;
        }

        if (_demand.ShapeOn(gpu) is not { } shape)
        {
            return Obstacle.NoProfile;
        }

        if (shape is SliceShape.Fraction fraction && fraction.MemoryBytes > gpu.Layout.MemoryBytes)
        {
            return Obstacle.TooSmall;
        }

        if (gpu.HasMisfits)
        {
            return Obstacle.Misfits;
        }

        var refusal = gpu.TryFind(shape, out place);
        return refusal == LayoutRefusal.None ? Obstacle.None : ObstacleOf(refusal, shape, gpu);
    }

    private static Obstacle ObstacleOf(LayoutRefusal refusal, SliceShape shape, GpuState gpu)
    {
        if (refusal is LayoutRefusal.WrongMode or LayoutRefusal.NotOfModel && !gpu.CouldHold(shape))
        {
            return shape is SliceShape.Function && gpu.Model.Functions == 0 ? Obstacle.NoFunctions
                : gpu.Setting is not null ? Obstacle.ModeSet : Obstacle.ModeNotAllowed;
        }

        return refusal switch
        {
            _ when shape is SliceShape.Whole => Obstacle.InUse,
            LayoutRefusal.OtherSize => Obstacle.OtherSize,
            LayoutRefusal.TooMany => Obstacle.TooMany,
            LayoutRefusal.NoPlace => Obstacle.NoPlace,
            LayoutRefusal.NoMemory => Obstacle.NoMemory,
            LayoutRefusal.NoCompute => Obstacle.NoCompute,
            _ => Obstacle.OtherMode,
        };
    }

    private string Words(Obstacle obstacle) => obstacle switch
    {
        Obstacle.Model => $"GPU(s) of another model than {request.ModelWords()}",
        Obstacle.Vendor => $"GPU(s) of another vendor than '{request.Vendor}'",
        Obstacle.DeviceMemory => $"GPU(s) with less than {request.DeviceMemoryBytes} bytes in all (deviceMemory)",
        Obstacle.ComputeCapability => $"GPU(s) without compute capability {request.ComputeCapability}",
        Obstacle.Driver => $"GPU(s) with a driver older than {request.Driver}",
        Obstacle.Rdma => "GPU(s) without RDMA",
        Obstacle.Numa => $"GPU(s) on another NUMA node than {request.NumaNode}",
        Obstacle.NoProfile => $"GPU(s) whose model has no profile '{request.Profile}'",
        Obstacle.NoFunctions => "GPU(s) whose model has no virtual functions",
        Obstacle.TooSmall => $"GPU(s) with less memory than asked for (the largest has {_largestMemory} bytes)",
        Obstacle.Misfits => "GPU(s) that came back as other ones than their slices were placed on, until those end",
        Obstacle.ModeSet => $"GPU(s) set to another mode ({Names(_modesSet)}), which an operator can change while they are empty",
        Obstacle.ModeNotAllowed => $"GPU(s) whose worker allows no mode that has {Asked}",
        Obstacle.InUse => "GPU(s) in use, and a whole one is asked for",
        Obstacle.OtherMode => $"GPU(s) in another mode ({Names(_modesInUse)}) until they are empty",
        Obstacle.OtherSize => $"GPU(s) with vGPUs of another size than {request.Profile}",
        Obstacle.TooMany => $"GPU(s) without another {Asked} to give",
        Obstacle.NoPlace => $"GPU(s) with no place for {request.Profile} left on the memory line",
        Obstacle.NoMemory => "GPU(s) with too little free memory now",
        Obstacle.NoCompute => "GPU(s) with too little free compute now",
        _ => "",
    };

    private string Asked => request.Whole ? "whole device" : request.Function ? "virtual function"
        : request.Profile ?? "fraction";

    private static string Names(IEnumerable<GpuMode> modes) => string.Join(", ", modes.Select(GpuModes.NameOf));

    private static void Add(List<PlacementReason> parts, int count, string what)
    {
        if (count > 0)
        {
            parts.Add(new PlacementReason(count, what));
        }
    }
}
