using System.Numerics;
using System.Runtime.CompilerServices;

namespace GpuActors.Scheduler.Placement.Capacity;

/// <summary>
/// What is free on the hosts of one cell: plain numbers in flat arrays. A host is known by its number; numbers are
/// given in the order of <see cref="AddHost"/>, and among equally good hosts the lowest number is taken. Every change
/// of a host is logged, so that scores are recomputed for changed hosts only. Not thread-safe.
/// </summary>
public sealed class ClusterState
{
    /// <summary>Thousandths of a whole GPU.</summary>
    public const int WholeMilli = 1000;

    private HostRecord[] _hosts = [];
    private HostSpec[] _specs = [];
    private readonly Dictionary<string, List<int>> _racks = new(StringComparer.Ordinal);
    private ushort[] _kindCounts = [];
    private short[] _gpuFree = [];

    /// <summary>A cluster without hosts.</summary>
    /// <param name="models">Numbers of models that it shares with others; null: its own.</param>
    public ClusterState(ModelTable? models = null) => Models = models ?? new ModelTable();

    /// <summary>GPU models by number.</summary>
    public ModelTable Models { get; }

    /// <summary>Kinds of hosts, and how many there are of each.</summary>
    public HostShapes HostShapes { get; } = new();

    /// <summary>How many hosts there are.</summary>
    public int HostCount { get; private set; }

    /// <summary>How many GPUs there are.</summary>
    public int GpuCount { get; private set; }

    /// <summary>Thousandths of GPUs that are there.</summary>
    public long GpuMilli => (long)GpuCount * WholeMilli;

    /// <summary>Thousandths of GPUs that no task has.</summary>
    public long GpuFreeMilli { get; private set; }

    /// <summary>For how many hosts there are arrays.</summary>
    internal int HostCapacity => _hosts.Length;

    internal ChangeLog Changes { get; } = new();

    internal LabelTable Labels { get; } = new();

    /// <summary>Adds an empty host, which may be given tasks.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="ArgumentException">A number is negative, or there are too many GPUs.</exception>
    public int AddHost(HostSpec spec)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(spec.CpuMilli);
        ArgumentOutOfRangeException.ThrowIfNegative(spec.MemoryMib);
        ArgumentOutOfRangeException.ThrowIfNegative(spec.GpuCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(spec.GpuCount, HostSpec.GpuLimit);
        var model = (ushort)Models.IndexOf(spec.Model);
        Grow(spec.GpuCount);
        var host = HostCount++;
        _specs[host] = spec;
        Labels.SetHost(host, [], spec.AllLabels);
        JoinRack(host, spec.Rack);
        _hosts[host] = new HostRecord
        {
            CpuFreeMilli = spec.CpuMilli,
            CpuMilli = spec.CpuMilli,
            MemoryFreeMib = spec.MemoryMib,
            FirstGpu = GpuCount,
            GpuFreeMilli = spec.GpuCount * WholeMilli,
            Model = model,
            LargestFreeMilli = (short)(spec.GpuCount > 0 ? WholeMilli : 0),
            GpuCount = (byte)spec.GpuCount,
            IdleGpus = (byte)spec.GpuCount,
            IsOpen = true,
            HostShape = (byte)HostShapes.Add(spec, model),
        };
        _gpuFree.AsSpan(GpuCount, spec.GpuCount).Fill(WholeMilli);
        GpuCount += spec.GpuCount;
        GpuFreeMilli += (long)spec.GpuCount * WholeMilli;
        Changes.Add(host);
        return host;
    }

    /// <summary>A host is back, empty and closed, perhaps with another model; it has as many GPUs as before.</summary>
    /// <exception cref="ArgumentException">It has another number of GPUs: then it is another host.</exception>
    public void ResetHost(int host, HostSpec spec)
    {
        ref var record = ref _hosts[host];
        if (spec.GpuCount != record.GpuCount || spec.Rack != _specs[host].Rack)
        {
            throw new ArgumentException($"Host {host} had {record.GpuCount} GPUs in rack '{_specs[host].Rack}'.");
        }

        Labels.SetHost(host, _specs[host].AllLabels, spec.AllLabels);
        HostShapes.Remove(record.HostShape, _specs[host]);
        _specs[host] = spec;
        record.CpuMilli = spec.CpuMilli;
        record.CpuFreeMilli = spec.CpuMilli;
        record.MemoryFreeMib = spec.MemoryMib;
        record.Model = (ushort)Models.IndexOf(spec.Model);
        record.HostShape = (byte)HostShapes.Add(spec, record.Model);
        record.IsOpen = false;
        Changes.Add(host);
    }

    /// <summary>Says anew what is free of each GPU of a host whose GPUs are kept account of elsewhere.</summary>
    /// <param name="host">The host.</param>
    /// <param name="freeMilli">Thousandths, 0 to 1000, of each of its GPUs.</param>
    public void SetGpus(int host, ReadOnlySpan<short> freeMilli)
    {
        ref var record = ref _hosts[host];
        ArgumentOutOfRangeException.ThrowIfNotEqual(freeMilli.Length, record.GpuCount);
        var free = _gpuFree.AsSpan(record.FirstGpu, record.GpuCount);
        freeMilli.CopyTo(free);
        var total = 0;
        foreach (var milli in free)
        {
            total += milli;
        }

        GpuFreeMilli += total - record.GpuFreeMilli;
        record.GpuFreeMilli = total;
        (record.LargestFreeMilli, record.IdleGpus) = Summary(free);
        Changes.Add(host);
    }

    /// <summary>Says anew what is free of a host's CPU and memory, where account of them is kept elsewhere.</summary>
    /// <param name="host">The host.</param>
    /// <param name="cpuFreeMilli">Thousandths of a core; below 0, more is taken than there is: nothing is placed.</param>
    /// <param name="memoryFreeMib">MiB; below 0 likewise.</param>
    public void SetShared(int host, int cpuFreeMilli, int memoryFreeMib)
    {
        ref var record = ref _hosts[host];
        (record.CpuFreeMilli, record.MemoryFreeMib) = (cpuFreeMilli, memoryFreeMib);
        Changes.Add(host);
    }

    /// <summary>A task with labels came (1) or went (-1) whose capacity is kept account of elsewhere.</summary>
    public void CountLabels(int host, TaskLabels labels, int change)
    {
        Labels.CountTask(host, labels, change);
        Changes.Add(host);
    }

    /// <summary>Something that is not kept here has changed on a host: scores of it no longer hold.</summary>
    public void MarkChanged(int host) => Changes.Add(host);

    /// <summary>A host's name.</summary>
    public string NameOf(int host) => _specs[host].Name;

    /// <summary>What a host has when it is empty.</summary>
    public HostSpec SpecOf(int host) => _specs[host];

    /// <summary>The hosts of each rack, by its name; those of no known rack are in none.</summary>
    public IReadOnlyDictionary<string, List<int>> Racks => _racks;

    /// <summary>What is free on a host; valid until the next change.</summary>
    public HostView View(int host)
    {
        ref readonly var record = ref _hosts[host];
        return new HostView(in record, _gpuFree.AsSpan(record.FirstGpu, record.GpuCount));
    }

    /// <summary>A host's free memory in MiB.</summary>
    public int MemoryFreeMib(int host) => _hosts[host].MemoryFreeMib;

    /// <summary>A host's free CPU in thousandths of a core.</summary>
    public int CpuFreeMilli(int host) => _hosts[host].CpuFreeMilli;

    /// <summary>The number of the last change of a host; it only grows.</summary>
    public long VersionOf(int host) => Changes.LastOf(host);

    /// <summary>Whether a host may be given tasks.</summary>
    public bool IsOpen(int host) => _hosts[host].IsOpen;

    /// <summary>Lets a host be given tasks, or no more.</summary>
    public void SetOpen(int host, bool isOpen)
    {
        if (_hosts[host].IsOpen != isOpen)
        {
            _hosts[host].IsOpen = isOpen;
            Changes.Add(host);
        }
    }

    /// <summary>Takes out of what is free what a task has.</summary>
    /// <exception cref="InvalidOperationException">It is not free: nothing is changed.</exception>
    public void Take(in PlacedTask task)
    {
        ref var host = ref _hosts[task.Host];
        var free = _gpuFree.AsSpan(host.FirstGpu, host.GpuCount);
        if (task.CpuMilli > host.CpuFreeMilli || task.HostMemoryMib > host.MemoryFreeMib || !AllHave(free, task))
        {
            throw new InvalidOperationException($"{task} is not free on {Described(task.Host)}.");
        }

        Change(ref host, free, task, -1);
    }

    /// <summary>Gives back what a task had.</summary>
    /// <exception cref="InvalidOperationException">It was not taken: nothing is changed.</exception>
    public void Release(in PlacedTask task)
    {
        ref var host = ref _hosts[task.Host];
        var free = _gpuFree.AsSpan(host.FirstGpu, host.GpuCount);
        if (task.CpuMilli > host.CpuMilli - host.CpuFreeMilli || !NoneExceeds(free, task))
        {
            throw new InvalidOperationException($"{task} was not taken on {Described(task.Host)}.");
        }

        Change(ref host, free, task, 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref readonly HostRecord Record(int host) => ref _hosts[host];

    internal ReadOnlySpan<short> GpusOf(ref readonly HostRecord host) => _gpuFree.AsSpan(host.FirstGpu, host.GpuCount);

    private void Change(ref HostRecord host, Span<short> free, in PlacedTask task, int sign)
    {
        for (var left = task.Devices; left != 0; left &= left - 1)
        {
            free[BitOperations.TrailingZeroCount(left)] += (short)(sign * task.GpuMilli);
        }

        host.CpuFreeMilli += sign * task.CpuMilli;
        host.MemoryFreeMib += sign * task.HostMemoryMib;
        host.GpuFreeMilli += sign * task.DemandMilli;
        GpuFreeMilli += sign * task.DemandMilli;
        (host.LargestFreeMilli, host.IdleGpus) = Summary(free);
        CountKind(ref host, task, -sign);
        if (task.Labels is { } labels)
        {
            Labels.CountTask(task.Host, labels, -sign);
        }

        Changes.Add(task.Host);
    }

    private void CountKind(ref HostRecord host, in PlacedTask task, int change)
    {
        var kind = task.Kind;
        if (kind == TaskKinds.None)
        {
            return;
        }

        ref var count = ref _kindCounts[(task.Host * TaskKind.Count) + TaskKind.IndexOf(kind)];
        count = (ushort)(count + change);
        host.Kinds = count > 0 ? host.Kinds | kind : host.Kinds & ~kind;
    }

    private static (short Largest, byte Idle) Summary(ReadOnlySpan<short> free)
    {
        short largest = 0;
        var idle = 0;
        foreach (var milli in free)
        {
            largest = Math.Max(largest, milli);
            idle += milli == WholeMilli ? 1 : 0;
        }

        return (largest, (byte)idle);
    }

    private static bool AllHave(ReadOnlySpan<short> free, in PlacedTask task)
    {
        for (var left = task.Devices; left != 0; left &= left - 1)
        {
            var device = BitOperations.TrailingZeroCount(left);
            if (device >= free.Length || free[device] < task.GpuMilli)
            {
                return false;
            }
        }

        return true;
    }

    private static bool NoneExceeds(ReadOnlySpan<short> free, in PlacedTask task)
    {
        for (var left = task.Devices; left != 0; left &= left - 1)
        {
            var device = BitOperations.TrailingZeroCount(left);
            if (device >= free.Length || free[device] + task.GpuMilli > WholeMilli)
            {
                return false;
            }
        }

        return true;
    }

    private void JoinRack(int host, string rack)
    {
        if (rack.Length == 0)
        {
            return;
        }

        if (!_racks.TryGetValue(rack, out var hosts))
        {
            _racks[rack] = hosts = [];
        }

        hosts.Add(host);
    }

    private string Described(int host)
    {
        var record = _hosts[host];
        return $"host {host} '{NameOf(host)}' (CPU {record.CpuFreeMilli} of {record.CpuMilli}, memory "
            + $"{record.MemoryFreeMib} MiB, GPUs [{string.Join(", ", GpusOf(in record).ToArray())}] free)";
    }

    private void Grow(int gpus)
    {
        if (HostCount == _hosts.Length)
        {
            var capacity = Math.Max(64, HostCount + (HostCount / 2));
            Array.Resize(ref _hosts, capacity);
            Array.Resize(ref _specs, capacity);
            Array.Resize(ref _kindCounts, capacity * TaskKind.Count);
            Changes.Reserve(capacity);
        }

        if (GpuCount + gpus > _gpuFree.Length)
        {
            Array.Resize(ref _gpuFree, Math.Max(512, GpuCount + gpus + (GpuCount / 2)));
        }
    }
}
