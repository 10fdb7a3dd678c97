using System.Numerics;
using System.Runtime.InteropServices;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Policies.Learned;

/// <summary>
/// What a GPU and its CPU cost on each kind of host when what arrives is spread so that no kind is asked for more than it
/// has: scarce kinds are dear, and whoever may go elsewhere does. Also how much CPU a GPU of each kind will need.
/// </summary>
/// <remarks>
/// The dual of the transport problem between classes of requests and kinds of hosts, smoothed by entropy: a class goes to
/// kind s in proportion to GPUs(s) exp(-cost/<see cref="Temperature"/>), cost = (gpu(s) D + cpu(s) C) / D for D
/// thousandths of a GPU and C of CPU; demand is scaled to the cluster's capacity. A step raises the price of what is asked
/// for more than there is and lowers that of what is asked for less.
/// </remarks>
/// <param name="shapes">The cluster's hosts.</param>
internal sealed class BalancePrices(HostShapes shapes)
{
    private const double Temperature = 0.2;
    private const double Rate = 0.05;

    /// <summary>Cost is by GPU asked for, and by that of so many thousandths for who asks for less or none.</summary>
    private const double DemandMilliAtLeast = 300;

    /// <summary>CPU prices are by a tenth of a core: a GPU comes with some ten.</summary>
    private const double CpuScale = 0.1;

    /// <summary>More than the worth of a GPU: then it is better not to be placed at all.</summary>
    private const double PriceLimit = 1.5;

    private const double Forbidden = 1e9;
    private const double NoRatioYet = 10;
    private const double RatioAtLeast = 0.5;

    /// <summary>Less CPU for a GPU than was asked for on average, since CPU is what runs out unevenly.</summary>
    private const double RatioFactor = 0.8;

    private readonly double[] _gpu = new double[HostShapes.Limit];
    private readonly double[] _cpu = new double[HostShapes.Limit];
    private readonly double[] _ratio = Filled(NoRatioYet);
    private readonly double[] _size = new double[HostShapes.Limit];
    private readonly double[] _gpuAsked = new double[HostShapes.Limit];
    private readonly double[] _cpuAsked = new double[HostShapes.Limit];
    private readonly double[] _cost = new double[HostShapes.Limit];
    private readonly double[] _part = new double[HostShapes.Limit];
    private readonly double[] _wholeAsked = new double[HostShapes.Limit];
    private readonly double[] _whole = new double[HostShapes.Limit];

    /// <summary>Price of a GPU by kind of host, 0 to <see cref="PriceLimit"/>, the cheapest 0.</summary>
    public ReadOnlySpan<double> Gpu => _gpu;

    /// <summary>Price of ten cores by kind of host, in the same unit.</summary>
    public ReadOnlySpan<double> Cpu => _cpu;

    /// <summary>The part of the GPUs of each kind of host that will be asked for by who needs all GPUs of a host.</summary>
    public ReadOnlySpan<double> Whole => _whole;

    /// <summary>Thousandths of a core that a thousandth of a GPU will need, by kind of host.</summary>
    public ReadOnlySpan<double> CpuPerGpu => _ratio;

    /// <summary>What a request pays on a kind of host at given prices, in thousandths of a GPU.</summary>
    public static double Cost(double gpuPrice, double cpuPrice, int demandMilli, int cpuMilli) =>
        (gpuPrice * demandMilli) + (cpuPrice * CpuScale * cpuMilli);

    /// <summary>One step towards balance.</summary>
    public void Learn(ArrivalMix mix)
    {
        mix.Refresh();
        var demand = mix.MeanDemandMilli * mix.Total;
        if (demand <= 0)
        {
            return;
        }

        var capacity = 0.0;
        for (var kind = 0; kind < shapes.Count; kind++)
        {
            var gpus = shapes[kind].GpuCount * (double)ClusterState.WholeMilli;
            capacity += gpus;
            _size[kind] = gpus > 0 ? gpus : shapes[kind].CpuMilli * CpuScale;
        }

        Array.Clear(_gpuAsked);
        Array.Clear(_cpuAsked);
        Array.Clear(_wholeAsked);
        for (var i = 0; i < mix.Count; i++)
        {
            Spread(mix.HostShapesOf(i), mix.ClassOf(i), mix.WeightOf(i) * capacity / demand);
        }

        Move();
    }

    /// <summary>The part of one class's requests that goes to each kind.</summary>
    private void Spread(ulong allowed, RequestClass request, double count)
    {
        if (allowed == 0)
        {
            return;
        }

        var (demandMilli, cpuMilli) = (request.DemandMilli, request.CpuMilli);
        var best = Forbidden;
        var unit = 1 / Math.Max(demandMilli, DemandMilliAtLeast);
        for (var kind = 0; kind < shapes.Count; kind++)
        {
            var isAllowed = (allowed >> kind & 1) != 0;
            _cost[kind] = isAllowed ? Cost(_gpu[kind], _cpu[kind], demandMilli, cpuMilli) * unit : Forbidden;
            best = Math.Min(best, _cost[kind]);
        }

        var all = Exponentials(best);
        var placed = count / all * (best > 1 ? Math.Exp((1 - best) / Temperature) : 1);
        var (gpus, cpus) = (new Vector<double>(placed * demandMilli), new Vector<double>(placed * cpuMilli));
        var parts = Vectors(_part);
        var gpuAsked = Vectors(_gpuAsked);
        var cpuAsked = Vectors(_cpuAsked);
        for (var i = 0; i < parts.Length; i++)
        {
            gpuAsked[i] += parts[i] * gpus;
            cpuAsked[i] += parts[i] * cpus;
        }

        CountWhole(request, placed);
    }

    private void CountWhole(RequestClass request, double placed)
    {
        for (var kind = 0; kind < shapes.Count && request.GpuCount > 1; kind++)
        {
            if (shapes[kind].GpusPerHost == request.GpuCount)
            {
                _wholeAsked[kind] += _part[kind] * placed * request.DemandMilli;
            }
        }
    }

    /// <summary>Size of each kind by exp((best - cost) / temperature); their sum.</summary>
    private double Exponentials(double best)
    {
        var costs = Vectors(_cost);
        var sizes = Vectors(_size);
        var parts = Vectors(_part);
        var (lowest, factor, sum) = (new Vector<double>(best), new Vector<double>(1 / Temperature), Vector<double>.Zero);
        for (var i = 0; i < parts.Length; i++)
        {
            var exponent = Vector.Max((lowest - costs[i]) * factor, new Vector<double>(-700));
            parts[i] = sizes[i] * Vector.Exp(exponent);
            sum += parts[i];
        }

        return Vector.Sum(sum);
    }

    private void Move()
    {
        var lowest = double.MaxValue;
        for (var kind = 0; kind < shapes.Count; kind++)
        {
            var (gpus, cpus) = (shapes[kind].GpuCount * (double)ClusterState.WholeMilli, (double)shapes[kind].CpuMilli);
            _gpu[kind] = gpus > 0 ? Math.Max(0, _gpu[kind] + (Rate * ((_gpuAsked[kind] / gpus) - 1))) : 0;
            _cpu[kind] = cpus > 0 ? Math.Max(0, _cpu[kind] + (Rate * ((_cpuAsked[kind] / cpus) - 1))) : 0;
            lowest = gpus > 0 ? Math.Min(lowest, _gpu[kind]) : lowest;
            _whole[kind] = gpus > 0 ? Math.Min(1, _wholeAsked[kind] / gpus) : 0;
            _ratio[kind] = _gpuAsked[kind] > 0
                ? Math.Max(RatioAtLeast, RatioFactor * _cpuAsked[kind] / _gpuAsked[kind]) : NoRatioYet;
        }

        for (var kind = 0; kind < shapes.Count; kind++)
        {
            _gpu[kind] = Math.Clamp(_gpu[kind] - lowest, 0, PriceLimit);
        }
    }

    /// <summary>As many whole vectors as the kinds need; arrays are longer than that.</summary>
    private Span<Vector<double>> Vectors(double[] values)
    {
        var width = Vector<double>.Count;
        return MemoryMarshal.Cast<double, Vector<double>>(values.AsSpan(0, (shapes.Count + width - 1) / width * width));
    }

    private static double[] Filled(double value)
    {
        var values = new double[HostShapes.Limit];
        Array.Fill(values, value);
        return values;
    }
}
