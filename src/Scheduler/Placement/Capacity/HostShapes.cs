namespace GpuActors.Scheduler.Placement.Capacity;

/// <summary>
/// Shapes of hosts: equal model, number of GPUs and CPU. A learning policy keeps what it learns by shape. There are at most
/// <see cref="Limit"/>; a host of yet another shape counts as one of the most similar.
/// </summary>
public sealed class HostShapes
{
    /// <summary>The most shapes that are told apart.</summary>
    public const int Limit = 64;

    private readonly List<HostShape> _shapes = [];

    /// <summary>How many shapes there are.</summary>
    public int Count => _shapes.Count;

    /// <summary>The shape of that number.</summary>
    public HostShape this[int shape] => _shapes[shape];

    /// <summary>Counts one more host.</summary>
    /// <param name="spec">The host.</param>
    /// <param name="model">The number of its GPUs' model.</param>
    /// <returns>The number of its shape.</returns>
    internal int Add(HostSpec spec, int model)
    {
        var shape = new HostShape(model, spec.GpuCount, spec.CpuMilli);
        var found = _shapes.FindIndex(known => known.IsAlike(shape));
        if (found < 0 && _shapes.Count < Limit)
        {
            _shapes.Add(shape);
            found = _shapes.Count - 1;
        }

        found = found < 0 ? Nearest(shape) : found;
        _shapes[found].HostCount++;
        _shapes[found].GpuCount += spec.GpuCount;
        _shapes[found].CpuMilli += spec.CpuMilli;
        return found;
    }

    /// <summary>Counts one host less.</summary>
    internal void Remove(int shape, HostSpec spec)
    {
        _shapes[shape].HostCount--;
        _shapes[shape].GpuCount -= spec.GpuCount;
        _shapes[shape].CpuMilli -= spec.CpuMilli;
    }

    private int Nearest(HostShape shape) => Enumerable.Range(0, _shapes.Count).MinBy(i => _shapes[i].DistanceTo(shape));
}

/// <summary>Hosts with equal model, number of GPUs and CPU.</summary>
/// <param name="model">The number of the GPUs' model.</param>
/// <param name="gpusPerHost">GPUs of a host.</param>
/// <param name="cpuMilliPerHost">CPU of a host in thousandths of a core.</param>
public sealed class HostShape(int model, int gpusPerHost, int cpuMilliPerHost)
{
    /// <summary>The number of the GPUs' model in the cluster's <see cref="ModelTable"/>.</summary>
    public int Model => model;

    /// <summary>GPUs of one host.</summary>
    public int GpusPerHost => gpusPerHost;

    /// <summary>CPU of one host in thousandths of a core.</summary>
    public int CpuMilliPerHost => cpuMilliPerHost;

    /// <summary>How many hosts there are.</summary>
    public int HostCount { get; internal set; }

    /// <summary>GPUs of all of them.</summary>
    public long GpuCount { get; internal set; }

    /// <summary>CPU of all of them in thousandths of a core.</summary>
    public long CpuMilli { get; internal set; }

    internal bool IsAlike(HostShape other) =>
        model == other.Model && gpusPerHost == other.GpusPerHost && cpuMilliPerHost == other.CpuMilliPerHost;

    /// <summary>Another model counts more than another number of GPUs, and that more than other CPU.</summary>
    internal double DistanceTo(HostShape other) =>
        (model == other.Model ? 0 : 1000)
        + (10 * Math.Abs(Math.Log2((1.0 + gpusPerHost) / (1 + other.GpusPerHost))))
        + Math.Abs(Math.Log2((1.0 + cpuMilliPerHost) / (1 + other.CpuMilliPerHost)));
}
