namespace GpuActors.Scheduler.Placement.Capacity;

/// <summary>
/// Kinds of hosts: equal model, number of GPUs and CPU. A learning policy keeps what it learns by kind. There are at most
/// <see cref="Limit"/>; a host of yet another kind counts as one of the most similar.
/// </summary>
public sealed class HostShapes
{
    /// <summary>The most kinds that are told apart.</summary>
    public const int Limit = 64;

    private readonly List<HostShape> _kinds = [];

    /// <summary>How many kinds there are.</summary>
    public int Count => _kinds.Count;

    /// <summary>The kind of that number.</summary>
    public HostShape this[int kind] => _kinds[kind];

    /// <summary>Counts one more host.</summary>
    /// <param name="spec">The host.</param>
    /// <param name="model">The number of its GPUs' model.</param>
    /// <returns>The number of its kind.</returns>
    internal int Add(HostSpec spec, int model)
    {
        var kind = new HostShape(model, spec.GpuCount, spec.CpuMilli);
        var found = _kinds.FindIndex(known => known.IsAlike(kind));
        if (found < 0 && _kinds.Count < Limit)
        {
            _kinds.Add(kind);
            found = _kinds.Count - 1;
        }

        found = found < 0 ? Nearest(kind) : found;
        _kinds[found].HostCount++;
        _kinds[found].GpuCount += spec.GpuCount;
        _kinds[found].CpuMilli += spec.CpuMilli;
        return found;
    }

    private int Nearest(HostShape kind) => Enumerable.Range(0, _kinds.Count).MinBy(i => _kinds[i].DistanceTo(kind));
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
