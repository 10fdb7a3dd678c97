using System.Globalization;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// A cell's hosts as the engine sees them. How much of each GPU is free is said in thousandths, for scores; whether a
/// request fits on one is decided by its layout, so that nothing is lost to rounding.
/// </summary>
public sealed partial class CellCapacity : IDeviceRules
{
    /// <summary>Costs more than any place on a memory line: a GPU that is open to all modes is opened last.</summary>
    private const int OpeningCost = 1 << 16;

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<GpuState[]> _gpus = [];
    private readonly HashSet<GpuModel> _models = [];
    private readonly Dictionary<int, ulong> _keptOn = [];
    private string[] _kept = [];
    private long _largestMemoryBytes = 1;

    /// <summary>What is free.</summary>
    public ClusterState State { get; } = new();

    /// <summary>The GPUs of a host.</summary>
    public GpuState[] GpusOf(int host) => _gpus[host];

    /// <summary>The number of a host; -1 if it has never been up.</summary>
    public int NumberOf(string host) => _numbers.GetValueOrDefault(host, -1);

    /// <summary>A host is up with these GPUs, closed until it is said to be open.</summary>
    public void HostUp(string host, GpuState[] gpus, HostInventory machine)
    {
        machine = machine with
        {
            CpuMilli = Math.Max(0, machine.CpuMilli), MemoryBytes = Math.Max(0, machine.MemoryBytes),
        };
        Keep([]); // whoever asks next says it again, for the new numbers
        gpus = gpus.Length > HostSpec.GpuLimit ? gpus[..HostSpec.GpuLimit] : gpus;
        var spec = SpecOf(host, gpus, machine);
        if (_numbers.TryGetValue(host, out var number)
            && _gpus[number].Length == gpus.Length && State.SpecOf(number).Rack == spec.Rack)
        {
            State.ResetHost(number, spec);
            _gpus[number] = gpus;
        }
        else
        {
            if (_numbers.ContainsKey(host))
            {
                State.SetOpen(number, false); // another rack or number of GPUs: a new place in the arrays
                CountLabels(host, -1);
            }

            _numbers[host] = State.AddHost(spec);
            _gpus.Add(gpus);
            CountLabels(host, 1);
        }

        _machines[host] = machine;

        foreach (var gpu in gpus)
        {
            _models.Add(gpu.Model);
            _largestMemoryBytes = Math.Max(_largestMemoryBytes, gpu.Layout.MemoryBytes);
        }
    }

    /// <summary>Something has changed on a host.</summary>
    /// <param name="host">Its name; one that has never been up does not matter.</param>
    /// <param name="isOpen">It may be given slices.</param>
    public void Touch(string host, bool isOpen)
    {
        if (!_numbers.TryGetValue(host, out var number))
        {
            return;
        }

        Span<short> free = stackalloc short[_gpus[number].Length];
        for (var i = 0; i < free.Length; i++)
        {
            free[i] = FreeMilli(_gpus[number][i]);
        }

        State.SetGpus(number, free);
        var (cpu, memory) = SharedFree(host);
        State.SetShared(
            number, (int)Math.Clamp(cpu, int.MinValue, int.MaxValue), (int)Math.Max(int.MinValue, memory >> MibBits));
        State.SetOpen(number, isOpen);
    }

    /// <summary>From now on these devices take nothing, and all others what fits on them.</summary>
    /// <param name="devices"><c>HOST/INDEX</c> of each; unknown ones do not matter.</param>
    public void Keep(string[] devices)
    {
        if (devices.AsSpan().SequenceEqual(_kept))
        {
            return;
        }

        var former = new Dictionary<int, ulong>(_keptOn);
        _keptOn.Clear();
        _kept = devices;
        foreach (var device in devices)
        {
            Keep(device);
        }

        foreach (var host in former.Keys.Union(_keptOn.Keys).Order())
        {
            if (former.GetValueOrDefault(host) != _keptOn.GetValueOrDefault(host))
            {
                State.MarkChanged(host);
            }
        }
    }

    /// <summary>The device is one of those of <see cref="Keep(string[])"/>.</summary>
    public bool IsKept(GpuState gpu) =>
        _kept.Length > 0 && NumberOf(gpu.Host) is >= 0 and var host && IsKept(host, Array.IndexOf(_gpus[host], gpu));

    /// <summary>A request as the engine knows it.</summary>
    /// <param name="request">What is asked of GPUs.</param>
    /// <param name="needs">What is asked of the host; the class is the same whatever the memory.</param>
    public PlacementRequest RequestOf(GpuRequest request, HostNeeds needs) => new()
    {
        CpuMilli = needs.CpuMilli,
        HostMemoryMib = needs.MemoryMib,
        Topology = TopologyOf(request.Topology),
        Terms = needs.TermSet,
        GpuCount = request.Count,
        GpuMilli = MilliOf(request),
        Device = request with { Pool = GpuRequest.DefaultPool }, // a cell is of one pool
    };

    /// <inheritdoc/>
    public void Adjust(int host, RequestClass request, Span<short> freeMilli)
    {
        var demand = DemandOf(request);
        var gpus = _gpus[host];
        for (var i = 0; i < gpus.Length; i++)
        {
            freeMilli[i] = !IsKept(host, i) && TryFind(gpus[i], demand, out _)
                ? Math.Max(freeMilli[i], (short)request.GpuMilli)
                : Math.Min(freeMilli[i], (short)(request.GpuMilli - 1));
        }
    }

    /// <inheritdoc/>
    public int Prefer(int host, RequestClass request, ReadOnlySpan<short> freeMilli, int chosen)
    {
        var (best, least) = (chosen, int.MaxValue);
        for (var i = 0; i < freeMilli.Length; i++)
        {
            if (freeMilli[i] == freeMilli[chosen] && !IsKept(host, i) && CostOf(_gpus[host][i], request) is var cost && cost < least)
            {
                (best, least) = (i, cost);
            }
        }

        return best;
    }

    /// <summary>Where a request's slice lies on a GPU.</summary>
    internal bool TryFind(GpuState gpu, RequestClass request, out PlacedSlice place) =>
        TryFind(gpu, DemandOf(request), out place);

    private bool IsKept(int host, int gpu) =>
        gpu >= 0 && _keptOn.Count > 0 && _keptOn.TryGetValue(host, out var kept) && (kept >> gpu & 1) != 0;

    private void Keep(string device)
    {
        var slash = device.LastIndexOf('/');
        if (slash > 0 && int.TryParse(device.AsSpan(slash + 1), CultureInfo.InvariantCulture, out var index)
            && _numbers.TryGetValue(device[..slash], out var host)
            && Array.FindIndex(_gpus[host], gpu => gpu.Inventory.Index == index) is >= 0 and var place)
        {
            _keptOn[host] = _keptOn.GetValueOrDefault(host) | 1UL << place;
        }
    }

    private int CostOf(GpuState gpu, RequestClass request) => !TryFind(gpu, request, out var place) ? int.MaxValue
        : gpu.Layout.CostOf(place) + (gpu.SliceCount == 0 && gpu.Setting is null ? OpeningCost : 0);

    private static bool TryFind(GpuState gpu, SliceDemand demand, out PlacedSlice place)
    {
        place = default;
        return !gpu.HasMisfits && demand.KindOf(gpu) == Obstacle.None && demand.ShapeOn(gpu) is { } shape
            && gpu.TryFind(shape, out place) == LayoutRefusal.None;
    }

    private static SliceDemand DemandOf(RequestClass request) =>
        (SliceDemand)(request.DeviceNotes ??= new SliceDemand(request.Request.Device!));

    /// <summary>The scarcest of memory, compute and compute units.</summary>
    private static short FreeMilli(GpuState gpu)
    {
        var layout = gpu.Layout;
        if (gpu.HasMisfits || gpu.IsClosed)
        {
            return 0;
        }

        var part = Math.Min((double)gpu.MemoryFree / layout.MemoryBytes, gpu.ComputeFree / 100.0);
        var units = layout.ComputeUnits > 0 ? (double)layout.ComputeUnitsFree / layout.ComputeUnits : 1;
        return (short)Math.Round(ClusterState.WholeMilli * Math.Min(part, units));
    }

    /// <summary>How much of a GPU a request is about; where GPUs differ, of the largest that the cell has seen.</summary>
    private int MilliOf(GpuRequest request)
    {
        var part = request.Whole ? 1
            : request.Function ? 1.0 / Math.Max(1, _models.Select(model => model.Functions).DefaultIfEmpty().Max())
            : request.Profile is { } name ? PartOf(name)
            : request.ShareOf(_largestMemoryBytes) is var share
                ? Math.Max((double)share.MemoryBytes / _largestMemoryBytes, share.ComputePercent / 100.0) : 1;
        return Math.Clamp((int)Math.Round(ClusterState.WholeMilli * part), 1, ClusterState.WholeMilli);
    }

    private double PartOf(string profile)
    {
        foreach (var model in _models)
        {
            if (model.FindProfile(profile) is { } found)
            {
                return (double)found.MemoryBytes / Math.Max(1, model.MemoryBytes ?? _largestMemoryBytes);
            }
        }

        return 1;
    }
}
