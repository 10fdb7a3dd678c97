using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Policies.Learned;

/// <summary>
/// The default. It learns from what arrives and takes the host where a request costs least, in thousandths of a GPU:
/// what the GPU's rest loses in worth for later requests (<see cref="PatternValues"/>), what GPU and CPU of that kind of
/// host are worth to those who can't go elsewhere (<see cref="BalancePrices"/>), the GPUs that will be left without
/// CPU, and what an idle host is worth to those who need all of it. Costs are compared in coarse steps; among equals the lowest number is taken, which keeps hosts empty for whoever
/// needs whole ones. <c>docs/placement.md</c> tells how it was found.
/// </summary>
/// <param name="shapes">The cluster's hosts.</param>
public sealed class PricedPatternPolicy(HostShapes shapes) : IPlacementPolicy
{
    private const double PatternWeight = 4;
    private const double ImbalanceWeight = 0.4;
    private const double GpuPerCpuAtFirst = 0.1;

    /// <summary>Cost in thousandths of a GPU of the first GPU of a host if all there go to who needs all of a host's.</summary>
    private const double WholeWeight = 300;

    /// <summary>Over so many thousandths of a GPU the fear of running out of CPU sets in.</summary>
    private const double SoftMilli = 200;

    /// <summary>Costs nearer than this are equal.</summary>
    private const double StepMilli = 20;

    /// <summary>As many arrivals are learned from one by one; then once for each hundredth of all that count.</summary>
    private const int EagerArrivals = 300;
    private const int LearnEvery = 32;
    private const double LearnEveryPart = 0.01;

    /// <summary>While a step moves the worth of some rest by more, another follows with the next arrival.</summary>
    private const double MovingMilli = 0.5;

    /// <summary>What was learned takes effect when it differs by so much: a part of a GPU's worth.</summary>
    private const double DriftAtLeast = 0.03;
    private const int FirstEffect = 20;
    private const int EffectEvery = 50;
    private const double EffectEveryPart = 0.02;

    private readonly ArrivalMix _mix = new(shapes);
    private readonly PatternValues _patterns = new();
    private readonly BalancePrices _prices = new(shapes);
    private readonly double[] _values = new PatternValues().Values.ToArray();
    private readonly ShapeTerms[] _terms = new ShapeTerms[HostShapes.Limit];
    private int _termsKnown;
    private bool _isSettling;
    private long _arrivals;
    private long _nextLearning = 1;
    private long _nextEffect = FirstEffect;

    /// <inheritdoc/>
    public string Name => "default";

    /// <inheritdoc/>
    public int Generation { get; private set; }

    /// <inheritdoc/>
    public void Observe(RequestClass arrived)
    {
        _mix.Add(arrived);
        _arrivals++;
        if (_arrivals >= _nextLearning)
        {
            _nextLearning += _arrivals < EagerArrivals ? 1 : Math.Max(LearnEvery, (long)(_mix.Total * LearnEveryPart));
            _prices.Learn(_mix);
            _isSettling = true;
        }

        if (_isSettling)
        {
            _isSettling = _patterns.Learn(_mix) > MovingMilli;
        }

        if (_arrivals >= _nextEffect)
        {
            _nextEffect += Math.Max(EffectEvery, (long)(_arrivals * EffectEveryPart));
            if (Generation == 0 || Drift() > DriftAtLeast)
            {
                TakeEffect();
            }
        }
    }

    /// <inheritdoc/>
    public int Score(in HostView host, RequestClass request)
    {
        if (host.HostShape >= _termsKnown)
        {
            LearnShapes();
        }

        ref readonly var terms = ref _terms[host.HostShape];
        var cost = BalancePrices.Cost(terms.GpuPrice, terms.CpuPrice, request.DemandMilli, request.CpuMilli)
            + (terms.ImbalanceWeight * ImbalanceGrowth(host, request, terms.GpuPerCpu));
        if (host.IdleGpus == host.GpuFreeMilli.Length && request.GpuCount < host.IdleGpus)
        {
            cost += terms.WholeCost;
        }

        if (request.IsShare)
        {
            cost += PatternWeight * LeastLoss(host, request.GpuMilli, out _);
        }

        return (int)Math.Floor(0.5 - (cost * (1 / StepMilli)));
    }

    /// <inheritdoc/>
    public int ChooseDevice(in HostView host, RequestClass request)
    {
        LeastLoss(host, request.GpuMilli, out var device);
        return device;
    }

    /// <summary>What the worth of GPUs' rests falls by if a share takes the GPU where that is least, the first such.</summary>
    private double LeastLoss(in HostView host, int milli, out int device)
    {
        var (least, values) = (double.MaxValue, _values);
        device = -1;
        var gpus = host.GpuFreeMilli;
        for (var i = 0; i < gpus.Length; i++)
        {
            if (gpus[i] >= milli)
            {
                var loss = values[PatternValues.IndexOf(gpus[i])] - values[PatternValues.IndexOf(gpus[i] - milli)];
                if (loss < least)
                {
                    (least, device) = (loss, i);
                }
            }
        }

        return least;
    }

    /// <summary>How many more thousandths of GPUs will find no CPU left.</summary>
    private static double ImbalanceGrowth(in HostView host, RequestClass request, double gpuPerCpu)
    {
        var before = host.GpuFreeTotalMilli - (host.CpuFreeMilli * gpuPerCpu);
        var after = before - request.DemandMilli + (request.CpuMilli * gpuPerCpu);
        return SoftMilli * (SoftPlus.Of(after * (1 / SoftMilli)) - SoftPlus.Of(before * (1 / SoftMilli)));
    }

    /// <summary>The largest difference between what was learned and what is in effect, as a part of a GPU's worth.</summary>
    private double Drift()
    {
        var drift = 0.0;
        for (var shape = 0; shape < shapes.Count; shape++)
        {
            drift = Math.Max(drift, Math.Abs(_prices.Gpu[shape] - _terms[shape].GpuPrice));
            drift = Math.Max(drift, Math.Abs(_prices.Cpu[shape] - _terms[shape].CpuPrice));
        }

        for (var i = 0; i < _values.Length; i++)
        {
            drift = Math.Max(drift, Math.Abs(_patterns.Values[i] - _values[i]) / ClusterState.WholeMilli);
        }

        return drift;
    }

    private void TakeEffect()
    {
        LearnShapes();
        for (var shape = 0; shape < _termsKnown; shape++)
        {
            ref var terms = ref _terms[shape];
            (terms.GpuPrice, terms.CpuPrice) = (_prices.Gpu[shape], _prices.Cpu[shape]);
            terms.GpuPerCpu = 1 / _prices.CpuPerGpu[shape];
            terms.WholeCost = WholeWeight * _prices.Whole[shape];
        }

        _patterns.Values.CopyTo(_values);
        Generation++;
    }

    /// <summary>Shapes of which no host was there before: free of charge until prices take effect.</summary>
    private void LearnShapes()
    {
        for (; _termsKnown < shapes.Count; _termsKnown++)
        {
            ref var terms = ref _terms[_termsKnown];
            terms.GpuPerCpu = GpuPerCpuAtFirst;
            terms.ImbalanceWeight = shapes[_termsKnown].CpuMilliPerHost > 0 ? ImbalanceWeight : 0; // 0: not known
        }
    }

    /// <summary>What is in effect for hosts of one shape.</summary>
    private struct ShapeTerms
    {
        public double GpuPrice;
        public double CpuPrice;
        public double GpuPerCpu;
        public double ImbalanceWeight;
        public double WholeCost;
    }
}
