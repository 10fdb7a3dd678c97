using GpuActors.Scheduler.Placement.Capacity;

namespace GpuActors.Scheduler.Simulation.Report;

/// <summary>Takes down how full each part of a cluster is, at even distances.</summary>
internal sealed class HeatMapRecorder
{
    /// <summary>About so many bands fit under each other.</summary>
    private const int BandsWanted = 48;

    private readonly HeatBand[] _bands;
    private readonly int[][] _members;
    private readonly double _distance;
    private readonly List<double> _columns = [];
    private readonly List<float[]> _allocated = [];

    /// <summary>A recorder for a run.</summary>
    /// <param name="hosts">The hosts in the order of their file.</param>
    /// <param name="numbers">For each its number in the cluster.</param>
    /// <param name="distance">How far columns are apart.</param>
    public HeatMapRecorder(IReadOnlyList<HostSpec> hosts, int[] numbers, double distance)
    {
        _distance = distance;
        var bands = Bands(hosts).ToArray();
        _bands = [.. bands.Select(b => new HeatBand(hosts[b[0]].Model, b.Length, b.Sum(h => hosts[h].GpuCount)))];
        _members = [.. bands.Select(band => band.Select(host => numbers[host]).ToArray())];
    }

    /// <summary>The run has come to a point.</summary>
    public void Reach(double at, ClusterState state)
    {
        while (at >= _columns.Count * _distance)
        {
            _columns.Add(_columns.Count * _distance);
            _allocated.Add([.. _members.Select((members, band) => PartOf(members, _bands[band].Gpus, state))]);
        }
    }

    /// <summary>The map; null if the run came to no point.</summary>
    public HeatMap? Read() => _columns.Count == 0 ? null : new HeatMap(_bands, _columns, _allocated);

    private static float PartOf(int[] members, int gpus, ClusterState state)
    {
        long free = 0;
        foreach (var host in members)
        {
            free += state.View(host).GpuFreeTotalMilli;
        }

        return 1 - ((float)free / ((long)gpus * ClusterState.WholeMilli));
    }

    /// <summary>Hosts with GPUs by model, the model with most GPUs first, each cut into bands by its part of all hosts.
    /// </summary>
    private static IEnumerable<int[]> Bands(IReadOnlyList<HostSpec> hosts)
    {
        var known = Enumerable.Range(0, hosts.Count).Where(host => hosts[host].GpuCount > 0).ToArray();
        var models = known.GroupBy(host => hosts[host].Model);
        foreach (var model in models.OrderByDescending(members => members.Sum(host => hosts[host].GpuCount)))
        {
            var members = model.ToArray();
            var wanted = (int)Math.Round((double)BandsWanted * members.Length / known.Length);
            var count = Math.Clamp(wanted, 1, members.Length);
            for (var band = 0; band < count; band++)
            {
                yield return members[(band * members.Length / count)..((band + 1) * members.Length / count)];
            }
        }
    }
}
