using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Rearranging;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Scheduler.Simulation.Arrivals;

namespace GpuActors.Scheduler.Simulation.Runs;

/// <summary>
/// A cluster of a run: the scheduler's own engine and policy over the hosts of the plan, a clock that runs only while
/// they decide, and how much of the free GPU is of no use.
/// </summary>
internal sealed class SimulatedCluster
{
    /// <summary>
    /// Streams of a seed: what is decided by one of them does not depend on how often others are asked.
    /// </summary>
    public const int RankStream = 0;

    /// <inheritdoc cref="RankStream"/>
    public const int ArrivalStream = 1;

    private const int PolicyStream = 2;

    private readonly PlacementEngine _engine;
    private readonly RequestClass[] _classes;
    private readonly RunPlan _plan;
    private readonly RunningTasks _running = new();
    private readonly Rearranger _rearranger;
    private readonly Fragmentation _fragmentation;
    private readonly double[] _fragmentedOf;
    private double _fragmentedMilli;
    private long _decisionTicks;
    private double _movesAllowed;

    public SimulatedCluster(RunPlan plan, string policy, long seed)
    {
        _plan = plan;
        var state = new ClusterState();
        Ranks = plan.RanksHosts
            ? new SeededRandom(seed, RankStream).Permutation(plan.Hosts.Count)
            : [.. Enumerable.Range(0, plan.Hosts.Count)];
        var byRank = new int[Ranks.Length];
        for (var i = 0; i < Ranks.Length; i++)
        {
            byRank[Ranks[i]] = i;
        }

        Hosts = [.. byRank.Select(host => plan.Hosts[host])];
        Array.ForEach(Hosts, host => state.AddHost(host));
        var random = new SeededRandom(seed, PolicyStream);
        var settings = new PolicySettings(state) { Target = plan.Target, Seed = random.NextBits() };
        _engine = new PlacementEngine(state, PlacementPolicies.Create(policy, settings), random.NextBits());
        _rearranger = new Rearranger(_engine, _running);
        _classes = [.. plan.Tasks.Select(task => _engine.Classes.Intern(task.Request))];
        _fragmentation = new Fragmentation(plan.Target, state.Models);
        _fragmentedOf = new double[state.HostCount];
        for (var host = 0; host < state.HostCount; host++)
        {
            Measure(host);
        }
    }

    /// <summary>For each host of the plan its number in <see cref="State"/>, which is its rank too.</summary>
    public int[] Ranks { get; }

    /// <summary>The hosts by their numbers in <see cref="State"/>, empty.</summary>
    public HostSpec[] Hosts { get; }

    public ClusterState State => _engine.State;

    public long Decisions { get; private set; }

    public long Moves { get; private set; }

    public TimeSpan DecisionTime => _plan.Time.GetElapsedTime(0, _decisionTicks);

    public double AllocatedPercent => 100 - Percent(State.GpuFreeMilli);

    public double FragmentedPercent => Percent(_fragmentedMilli);

    /// <summary>Tells the policy of an arrival; before the task is tried first.</summary>
    public void Observe(int task)
    {
        var begun = _plan.Time.GetTimestamp();
        _engine.Observe(_classes[task]);
        var perArrival = _plan.MovesPer100Arrivals / 100;
        _movesAllowed = Math.Min(_movesAllowed + perArrival, Math.Max(100 * perArrival, _plan.MovesLimit));
        _decisionTicks += _plan.Time.GetTimestamp() - begun;
    }

    /// <summary>Places a task, with moves of others if the plan allows that; false if there is no room.</summary>
    /// <param name="task">Its index in the plan.</param>
    /// <param name="avoid">Hosts that are kept for others; if there are any, nothing is moved.</param>
    /// <param name="running">The number under which it is known while it runs.</param>
    public bool TryPlace(int task, ReadOnlySpan<int> avoid, out int running)
    {
        var begun = _plan.Time.GetTimestamp();
        var request = _classes[task];
        var (memory, labels) = (_plan.Tasks[task].Request.HostMemoryMib, _plan.Tasks[task].Request.Labels);
        IReadOnlyList<TaskMove> moved = [];
        var isPlaced = TryPlaceAside(request, memory, labels, avoid, out var placed)
            || (MayMove && avoid.IsEmpty && TryMakeRoom(request, memory, labels, out placed, out moved));
        _decisionTicks += _plan.Time.GetTimestamp() - begun;
        Decisions++;
        running = isPlaced ? _running.Add(request, placed) : -1;
        if (isPlaced)
        {
            Measure(placed.Host);
            foreach (var move in moved)
            {
                Measure(move.From.Host);
                Measure(move.To.Host);
            }
        }

        return isPlaced;
    }

    /// <summary>What a running task has now; it may have been moved.</summary>
    public PlacedTask PlacedOf(int running) => _running.PlacedOf(running);

    /// <summary>Gives back what a task had.</summary>
    public void Release(int running)
    {
        var placed = _running.PlacedOf(running);
        _running.Remove(running);
        _engine.Release(placed);
        Measure(placed.Host);
    }

    /// <summary>Some host could take the task if it were empty.</summary>
    public bool CouldEverFit(int task)
    {
        var request = _plan.Tasks[task].Request;
        return Enumerable.Range(0, Hosts.Length).Any(number => Hosts[number] is var host
            && host.CpuMilli >= request.CpuMilli && host.MemoryMib >= request.HostMemoryMib
            && host.GpuCount >= request.GpuCount && request.Models.Contains(host.Model)
            && request.Terms.All.All(term => !term.IsMust || (term.Subject == TermSubject.Host
                ? Feasibility.IsMet(State, number, term) : !term.IsNear)));
    }

    /// <summary>There would be room for the task but for what it asks of where others run.</summary>
    public bool IsOwnWish(int task)
    {
        var request = _plan.Tasks[task].Request;
        var others = request.Terms.All.Where(term => !WaitingLine.IsAboutOthers(term)).ToArray();
        return others.Length < request.Terms.All.Count && _engine.TryChoose(
            _engine.Classes.Intern(request with { Terms = PlacementTerms.Of(others) }), request.HostMemoryMib, out _);
    }

    private bool MayMove => _plan.MovesLimit > 0 && _movesAllowed >= _plan.MovesLimit;

    private bool TryPlaceAside(
        RequestClass request, int hostMemoryMib, TaskLabels labels, ReadOnlySpan<int> avoid, out PlacedTask placed)
    {
        if (avoid.IsEmpty)
        {
            return _engine.TryPlace(request, hostMemoryMib, out placed, labels);
        }

        // The engine takes a host that is to be avoided if there is no other.
        if (!_engine.TryChoose(request, hostMemoryMib, avoid, out placed) || avoid.Contains(placed.Host))
        {
            return false;
        }

        placed = placed with { Labels = labels };
        State.Take(placed);
        return true;
    }

    private bool TryMakeRoom(
        RequestClass request,
        int hostMemoryMib,
        TaskLabels labels,
        out PlacedTask placed,
        out IReadOnlyList<TaskMove> moved)
    {
        var found = _rearranger.Propose(request, hostMemoryMib, _plan.MovesLimit);
        (placed, moved) = (found is null ? default : found.Place with { Labels = labels }, found?.Moves ?? []);
        if (found is null)
        {
            return false;
        }

        _rearranger.Apply(found);
        State.Take(placed);
        Moves += moved.Count;
        _movesAllowed -= moved.Count;
        return true;
    }

    private void Measure(int host)
    {
        var now = _fragmentation.Of(State.View(host));
        _fragmentedMilli += now - _fragmentedOf[host];
        _fragmentedOf[host] = now;
    }

    private double Percent(double milli) => 100 * milli / Math.Max(1, State.GpuMilli);
}
