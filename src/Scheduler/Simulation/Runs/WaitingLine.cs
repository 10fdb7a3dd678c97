using System.Globalization;
using GpuActors.Scheduler.Placement.Constraints;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Scheduler.Simulation.Arrivals;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Simulation.Runs;

/// <summary>The scheduler's own queue in a run: its order decides, its rules of waking say who is tried.</summary>
internal sealed class WaitingLine
{
    private readonly RunPlan _plan;
    private readonly Arrival[] _arrivals;
    private readonly SimulatedCluster _cluster;
    private readonly SimulatedPool _pool;
    private readonly Dictionary<int, (int Number, double EndsBy)> _running = [];
    private readonly WaitingQueue _queue;
    private readonly GpuRequest[] _requests;
    private readonly bool?[] _couldFit;
    private readonly HostNeeds[] _needs;
    private readonly HashSet<string> _wantedBeside;
    private readonly bool _hasLimits;
    private readonly SortedSet<int> _waiting = [];

    /// <param name="plan">Has the tasks.</param>
    /// <param name="arrivals">All that arrive in the run; a session is known by its index here.</param>
    /// <param name="cluster">Where they are placed.</param>
    public WaitingLine(RunPlan plan, Arrival[] arrivals, SimulatedCluster cluster)
    {
        (_plan, _arrivals, _cluster) = (plan, arrivals, cluster);
        _pool = new SimulatedPool(HeadStartOf);
        _queue = new WaitingQueue(plan.Timed!.Queue, new UsageLedger(new QuotaTree()), _pool);
        _requests = [.. plan.Tasks.Select(task => _pool.RequestOf(task.Request))];
        _needs = [.. plan.Tasks.Select(task => task.Request.Terms.IsEmpty
            ? HostNeeds.Nothing : HostNeeds.Nothing.WithTerms([.. task.Request.Terms.All]))];
        _wantedBeside = [.. _needs.SelectMany(needs => needs.Terms)
            .Where(term => IsAboutOthers(term) && term.IsNear).Select(term => term.Label)];
        _couldFit = new bool?[plan.Tasks.Count];
        _hasLimits = plan.Tasks.Any(task => double.IsFinite(task.LimitSeconds));
    }

    /// <summary>How many wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>The indexes of the arrivals that wait.</summary>
    public IEnumerable<int> Waiting => _waiting;

    /// <summary>A task arrives and waits for its turn, which may be now.</summary>
    public void Add(int index)
    {
        var arrival = _arrivals[index];
        var task = _plan.Tasks[arrival.Task];
        _waiting.Add(index);
        var since = SimulatedPool.TimeAt(arrival.Seconds);
        _queue.Add(new WaitingSession(NameOf(index), _requests[arrival.Task], task.Priority, since, [])
        {
            Terms = new QueueTerms
            {
                Tenant = task.Tenant,
                Class = task.Service,
                Priority = task.Priority,
                TimeLimit = double.IsFinite(task.LimitSeconds) ? TimeSpan.FromSeconds(task.LimitSeconds) : null,
            },
            Needs = _needs[arrival.Task],
            HostDemand = SimulatedPool.HostDemandOf(task.Request),
        });
    }

    /// <summary>A task has ended, and what it had is free.</summary>
    public void Ended(int index, int host)
    {
        _running.Remove(index);
        _queue.Released(NameOf(index));
        if (_waiting.Count > 0)
        {
            _queue.CapacityFreed(SimulatedPool.FreeOn(_cluster.State, host));
        }
    }

    /// <summary>Places the next one whose turn it is and who finds room; false if there is nobody.</summary>
    /// <param name="now">The time in seconds.</param>
    /// <param name="index">The index of its arrival.</param>
    /// <param name="running">The number under which it is known while it runs.</param>
    public bool TryServe(double now, out int index, out int running)
    {
        while (_queue.TryTake(SimulatedPool.TimeAt(now), out var next))
        {
            var session = next.Unit.Members[0].Session;
            index = int.Parse(session, NumberStyles.None, CultureInfo.InvariantCulture);
            var task = _arrivals[index].Task;
            var avoid = Array.ConvertAll(next.Forbidden, SimulatedPool.HostOf);
            if (_cluster.TryPlace(task, avoid, out running))
            {
                _waiting.Remove(index);
                _running[index] = (running, now + _plan.Tasks[task].LimitSeconds);
                _queue.Placed(next.Unit, [new(session, SimulatedPool.SlicesOf(_cluster.PlacedOf(running)))]);
                TellThoseWhoAwaited(task, running);
                return true;
            }

            var couldFit = _couldFit[task] ??= _cluster.CouldEverFit(task);
            _queue.PutBack(next.Unit, couldFit && !_cluster.IsOwnWish(task));
        }

        (index, running) = (-1, -1);
        return false;
    }

    /// <summary>It must go where certain others run, or don't.</summary>
    public static bool IsAboutOthers(PlacementTerm term) => term is { Subject: TermSubject.Tasks, IsMust: true };

    /// <summary>Somebody may wait for such a task to be there, to run beside it.</summary>
    private void TellThoseWhoAwaited(int task, int running)
    {
        if (_wantedBeside.Count > 0 && _plan.Tasks[task].Request.Labels.All.Any(_wantedBeside.Contains))
        {
            _queue.CapacityFreed(SimulatedPool.FreeOn(_cluster.State, _cluster.PlacedOf(running).Host));
        }
    }

    private (int Host, double Seconds)? HeadStartOf(WaitingUnit unit, Predicate<int> isKept)
    {
        if (!_hasLimits)
        {
            return null;
        }

        var task = _arrivals[int.Parse(unit.Members[0].Session, NumberStyles.None, CultureInfo.InvariantCulture)].Task;
        var running = _running.Values.Select(entry => new LimitedTask(_cluster.PlacedOf(entry.Number), entry.EndsBy));
        return HeadStart.Of(_cluster.Hosts, running, _plan.Tasks[task].Request, host => isKept(host));
    }

    private static string NameOf(int index) => index.ToString(CultureInfo.InvariantCulture);
}
