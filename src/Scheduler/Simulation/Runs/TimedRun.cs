using GpuActors.Scheduler.Simulation.Arrivals;
using GpuActors.Scheduler.Simulation.Report;

namespace GpuActors.Scheduler.Simulation.Runs;

/// <summary>
/// A run in which tasks come and go. Who finds no room is dropped, or waits in the scheduler's own queue. Figures are
/// averages over the measured time; a level is a stretch of time, averaged over the arrivals in it.
/// </summary>
internal sealed class TimedRun
{
    private const int LevelsWanted = 100;
    private const int ColumnsWanted = 90;

    private readonly RunPlan _plan;
    private readonly TimedPlan _timed;
    private readonly Arrival[] _arrivals;
    private readonly SimulatedCluster _cluster;
    private readonly PriorityQueue<Running, double> _departures = new();
    private readonly TimeAverage _allocated;
    private readonly LevelRecorder _levels;
    private readonly HeatMapRecorder? _heat;
    private readonly WaitingLine? _line;
    private readonly WaitingTimes _waiting = new();
    private double _demandMilli;
    private double _rejectedMilli;
    private long _rejected;
    private long _placed;
    private long _arrived;
    private long _movesBefore;

    private TimedRun(RunPlan plan, string policy, long seed, bool wantsHeat)
    {
        (_plan, _timed) = (plan, plan.Timed!);
        _cluster = new SimulatedCluster(plan, policy, seed);
        _arrivals = _timed.Arrivals(new SeededRandom(seed, SimulatedCluster.ArrivalStream));
        _allocated = new TimeAverage(_timed.From, _timed.To);
        _levels = new LevelRecorder(_timed.To / _timed.Unit / LevelsWanted);
        _heat = wantsHeat
            ? new HeatMapRecorder(plan.Hosts, _cluster.Ranks, _timed.To / _timed.Unit / ColumnsWanted) : null;
        _line = _timed.Queues ? new WaitingLine(plan, _arrivals, _cluster) : null;
    }

    public static RunResult Run(
        RunPlan plan, string policy, long seed, RunProgress.RunReporter reporter, bool wantsHeat)
    {
        var run = new TimedRun(plan, policy, seed, wantsHeat);
        for (var i = 0; i < run._arrivals.Length && run._arrivals[i].Seconds <= run._timed.To; i++)
        {
            run.DepartUntil(run._arrivals[i].Seconds);
            run.Arrive(i);
            reporter.Report(run._arrivals[i].Seconds / run._timed.To);
        }

        run.DepartUntil(run._timed.To);
        run.CountThoseWhoWait();
        return run.Read(policy, seed);
    }

    private void DepartUntil(double time)
    {
        while (_departures.TryPeek(out var task, out var at) && at <= time)
        {
            _departures.Dequeue();
            var host = _cluster.PlacedOf(task.Number).Host;
            _cluster.Release(task.Number);
            _line?.Ended(task.Index, host);
            ServeLine(at);
            _allocated.Set(at, _cluster.AllocatedPercent);
        }
    }

    private void Arrive(int index)
    {
        var arrival = _arrivals[index];
        var isMeasured = arrival.Seconds >= _timed.From;
        _movesBefore = isMeasured ? _movesBefore : _cluster.Moves;
        _arrived += isMeasured ? 1 : 0;
        _demandMilli += isMeasured ? _plan.Tasks[arrival.Task].Request.DemandMilli : 0;
        _cluster.Observe(arrival.Task);
        if (_line is not null)
        {
            _line.Add(index);
            ServeLine(arrival.Seconds);
        }
        else if (_cluster.TryPlace(arrival.Task, [], out var running))
        {
            Begin(index, running, arrival.Seconds);
        }
        else
        {
            _rejected++;
            _rejectedMilli += isMeasured ? _plan.Tasks[arrival.Task].Request.DemandMilli : 0;
        }

        _allocated.Set(arrival.Seconds, _cluster.AllocatedPercent);
        var at = arrival.Seconds / _timed.Unit;
        _levels.Add(new LevelSample(
            at, _cluster.AllocatedPercent, _cluster.FragmentedPercent, _line?.Count ?? _rejected, _cluster.Moves));
        _heat?.Reach(at, _cluster.State);
    }

    private void ServeLine(double now)
    {
        while (_line is not null && _line.TryServe(now, out var index, out var running))
        {
            var arrival = _arrivals[index];
            Begin(index, running, now);
            if (arrival.Seconds >= _timed.From)
            {
                _waiting.Add(_plan.Tasks[arrival.Task].Class, now - arrival.Seconds, placed: true);
            }
        }
    }

    private void Begin(int index, int running, double now)
    {
        _placed++;
        _departures.Enqueue(new Running(index, running), now + _arrivals[index].Duration);
    }

    private void CountThoseWhoWait()
    {
        foreach (var index in _line?.Waiting ?? [])
        {
            var arrival = _arrivals[index];
            if (arrival.Seconds >= _timed.From)
            {
                _waiting.Add(_plan.Tasks[arrival.Task].Class, _timed.To - arrival.Seconds, placed: false);
            }
        }
    }

    private RunResult Read(string policy, long seed) => new()
    {
        Policy = policy,
        Seed = seed,
        Levels = _levels.Read(),
        Placed = _placed,
        AllocatedMilli = _cluster.State.GpuMilli - _cluster.State.GpuFreeMilli,
        Decisions = _cluster.Decisions,
        DecisionTime = _cluster.DecisionTime,
        Churn = new ChurnFigures(
            _allocated.Read(),
            100 * _rejectedMilli / Math.Max(1, _demandMilli),
            100.0 * (_cluster.Moves - _movesBefore) / Math.Max(1, _arrived),
            _arrived),
        Waiting = _line is null ? [] : _waiting.Read(),
        Heat = _heat?.Read(),
    };

    /// <summary>A task that runs.</summary>
    /// <param name="Index">The index of its arrival.</param>
    /// <param name="Number">The number under which the cluster knows it.</param>
    private readonly record struct Running(int Index, int Number);
}
