using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Policies.Learned;

/// <summary>
/// How often each class of requests arrived lately, in flat arrays. Bounded twice: at most <see cref="ClassLimit"/>
/// classes, of which the rarest are forgotten, and weights are halved now and then, so that what came long ago counts
/// less.
/// </summary>
/// <param name="shapes">The cluster's hosts.</param>
internal sealed class ArrivalMix(HostShapes shapes)
{
    /// <summary>The most classes.</summary>
    public const int ClassLimit = 512;

    /// <summary>When so many arrivals count, all are halved.</summary>
    private const double WeightLimit = 50_000;

    private readonly Dictionary<RequestClass, int> _indexes = [];
    private readonly RequestClass[] _classes = new RequestClass[ClassLimit];
    private readonly double[] _weights = new double[ClassLimit];
    private readonly ulong[] _hostShapes = new ulong[ClassLimit];
    private int _shapesKnown;

    /// <summary>How many classes there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many arrivals count, with what was forgotten left out.</summary>
    public double Total { get; private set; }

    /// <summary>Mean demand of an arrival in thousandths of a GPU; 0 without arrivals.</summary>
    public double MeanDemandMilli
    {
        get
        {
            var demand = 0.0;
            for (var i = 0; i < Count; i++)
            {
                demand += _weights[i] * _classes[i].DemandMilli;
            }

            return Total > 0 ? demand / Total : 0;
        }
    }

    /// <summary>The class of that number.</summary>
    public RequestClass ClassOf(int index) => _classes[index];

    /// <summary>How often it arrived.</summary>
    public double WeightOf(int index) => _weights[index];

    /// <summary>The kinds of hosts that could take it when empty, as bits.</summary>
    public ulong HostShapesOf(int index) => _hostShapes[index];

    /// <summary>Counts an arrival.</summary>
    public void Add(RequestClass arrived)
    {
        if (!_indexes.TryGetValue(arrived, out var index))
        {
            index = Begin(arrived);
        }

        _weights[index]++;
        Total++;
        if (Total >= WeightLimit)
        {
            Halve();
        }
    }

    /// <summary>Looks again at which kinds of hosts there are.</summary>
    public void Refresh()
    {
        if (_shapesKnown != shapes.Count)
        {
            _shapesKnown = shapes.Count;
            for (var i = 0; i < Count; i++)
            {
                _hostShapes[i] = FittingKinds(_classes[i]);
            }
        }
    }

    private int Begin(RequestClass arrived)
    {
        while (Count == ClassLimit)
        {
            Halve();
        }

        _classes[Count] = arrived;
        _weights[Count] = 0;
        _hostShapes[Count] = FittingKinds(arrived);
        return _indexes[arrived] = Count++;
    }

    /// <summary>All count half; whose weight falls below one arrival is forgotten.</summary>
    private void Halve()
    {
        var kept = 0;
        Total = 0;
        for (var i = 0; i < Count; i++)
        {
            if (_weights[i] < 2)
            {
                _indexes.Remove(_classes[i]);
                continue;
            }

            (_classes[kept], _weights[kept], _hostShapes[kept]) = (_classes[i], _weights[i] / 2, _hostShapes[i]);
            Total += _weights[kept];
            _indexes[_classes[kept]] = kept++;
        }

        Array.Clear(_classes, kept, Count - kept);
        Count = kept;
    }

    private ulong FittingKinds(RequestClass request)
    {
        var fitting = 0UL;
        for (var i = 0; i < shapes.Count; i++)
        {
            var kind = shapes[i];
            if (request.Allows(kind.Model) && kind.GpusPerHost >= request.GpuCount
                && kind.CpuMilliPerHost >= request.CpuMilli)
            {
                fitting |= 1UL << i;
            }
        }

        return fitting;
    }
}
