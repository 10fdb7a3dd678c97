using GpuActors.Actors.TestKit;
using GpuActors.Actors.TestKit.Simulation;
using GpuActors.Simulation.Cluster;

namespace GpuActors.Simulation.Faults;

/// <summary>
/// Breaks something every few seconds, and puts it right after a while. Faults overlap. A seed has a temper: how often
/// something breaks, so that some runs are rough all the time and others give the system time to work in between.
/// </summary>
internal sealed class FaultInjector
{
    private readonly SimulatedCluster _cluster;
    private readonly SimulatedWorld _world;
    private readonly SeededRandomSource _random;
    private readonly TimeSpan _end;
    private readonly TimeSpan _pauseMax;
    private readonly (int Weight, Action Break)[] _faults;
    private readonly int _weights;

    public FaultInjector(SimulatedCluster cluster, TimeSpan end)
    {
        (_cluster, _world, _end) = (cluster, cluster.World, end);
        _random = _world.NewRandom();
        _pauseMax = TimeSpan.FromSeconds(4 + _random.Next(16));
        _faults =
        [
            (10, KillScheduler), (5, PauseScheduler), (4, ReplaceScheduler), (4, StopScheduler),
            (4, PauseSchedulerAtWrite), (3, ReplaceSchedulerAtWrite), (10, KillWorker), (6, PauseWorker), (6, IsolateWorker),
            (10, Partition), (5, SlowLink), (5, LossyLink), (5, ResetConnections), (4, DialsFail),
            (5, StoreSlow), (5, StoreFull), (4, StoreAnswersLost), (3, StoreDown), (5, NodeCutOffFromStore),
            (3, ClockJumps), (3, AddWorker), (2, RemoveWorker), (1, KillEverything),
        ];
        _weights = _faults.Sum(fault => fault.Weight);
    }

    /// <summary>Faults so far.</summary>
    public int Count { get; private set; }

    /// <summary>Begins.</summary>
    public void Start() => _world.After(Seconds(1, 5), BreakNext);

    private void BreakNext()
    {
        if (_world.Now >= _end)
        {
            return;
        }

        Count++;
        var chosen = _random.Next(_weights);
        foreach (var (weight, breakIt) in _faults)
        {
            chosen -= weight;
            if (chosen < 0)
            {
                breakIt();
                break;
            }
        }

        _world.After(_random.NextDouble() * _pauseMax, BreakNext);
    }

    private void KillScheduler()
    {
        var scheduler = Any(_cluster.Schedulers);
        scheduler.Kill(withHost: _random.Next(3) == 0);
        _world.After(Seconds(0.1, 8), scheduler.Start);
    }

    private void PauseScheduler()
    {
        if (Any(_cluster.Schedulers) is { Process.IsRunning: true } scheduler)
        {
            scheduler.Pause();
            _world.After(Seconds(0.5, 20), scheduler.Resume);
        }
    }

    private void ReplaceScheduler()
    {
        if (Any(_cluster.Schedulers) is { Process.IsRunning: true } scheduler)
        {
            scheduler.Replace(Seconds(0.5, 15), Seconds(5, 20));
        }
    }

    /// <summary>The worst moment: whatever checks there were are over, the write is not done.</summary>
    private void PauseSchedulerAtWrite() => AtNextWrite(scheduler =>
    {
        scheduler.Pause();
        _world.After(Seconds(2, 15), scheduler.Resume);
    });

    private void ReplaceSchedulerAtWrite() =>
        AtNextWrite(scheduler => scheduler.Replace(Seconds(0.5, 15), Seconds(5, 20)));

    private void AtNextWrite(Action<SchedulerHost> action)
    {
        var scheduler = Any(_cluster.Schedulers);
        _cluster.Store.AtNextWrite(scheduler.Name, () =>
        {
            if (scheduler is { Process.IsRunning: true })
            {
                action(scheduler);
            }
        });
    }

    private void StopScheduler() => Any(_cluster.Schedulers).Leave(Seconds(0.5, 8));

    private void KillWorker()
    {
        var worker = Any(_cluster.Workers);
        worker.Kill(withHost: _random.Next(3) == 0);
        _world.After(Seconds(0.5, 30), worker.Start);
    }

    private void PauseWorker()
    {
        if (Any(_cluster.Workers) is { Process.IsRunning: true } worker)
        {
            worker.Pause();
            _world.After(Seconds(0.5, 25), worker.Resume);
        }
    }

    /// <summary>No scheduler reaches the worker, and it reaches none, for longer than its lease as a rule.</summary>
    private void IsolateWorker()
    {
        var worker = Any(_cluster.Workers).Name;
        Tell($"{worker} is isolated");
        var links = _cluster.Schedulers
            .SelectMany(s => new[] { _world.Network.Link(s.Name, worker), _world.Network.Link(worker, s.Name) })
            .ToArray();
        Array.ForEach(links, link => link.IsCut = true);
        _world.After(Seconds(15, 45), () => Array.ForEach(links, link => link.IsCut = false));
    }

    private void Partition()
    {
        var (one, other) = AnyLink("partition");
        var isOneWay = _random.Next(3) == 0;
        one.IsCut = true;
        other.IsCut = !isOneWay;
        _world.After(Seconds(0.5, 25), () => (one.IsCut, other.IsCut) = (false, false));
    }

    private void SlowLink()
    {
        var (one, other) = AnyLink("slow");
        var delay = Seconds(0.02, _random.Next(3) == 0 ? 3 : 0.3);
        foreach (var link in new[] { one, other })
        {
            link.DelayMax = delay;
            _world.After(Seconds(1, 20), () => link.DelayMax = TimeSpan.FromMilliseconds(2));
        }
    }

    private void LossyLink()
    {
        var (one, other) = AnyLink("lossy");
        (one.LossChance, other.LossChance) = (0.3 * _random.NextDouble(), 0.3 * _random.NextDouble());
        _world.After(Seconds(1, 20), () => (one.LossChance, other.LossChance) = (0, 0));
    }

    private void ResetConnections()
    {
        AnyLink("reset");
        _world.Network.Reset(_lastLink.From, _lastLink.To);
    }

    private void DialsFail()
    {
        var (one, other) = AnyLink("dials fail");
        (one.DialFailureChance, other.DialFailureChance) = (0.8, 0.8);
        _world.Network.Reset(_lastLink.From, _lastLink.To);
        _world.After(Seconds(1, 15), () => (one.DialFailureChance, other.DialFailureChance) = (0, 0));
    }

    private void StoreSlow()
    {
        Tell("store is slow");
        _cluster.Store.SlowBy = Seconds(0.05, 3);
        _world.After(Seconds(1, 15), () => _cluster.Store.SlowBy = TimeSpan.Zero);
    }

    private void StoreFull()
    {
        Tell("store's disk is full");
        _cluster.Store.IsFull = true;
        _world.After(Seconds(0.2, 6), () => _cluster.Store.IsFull = false);
    }

    private void StoreAnswersLost()
    {
        Tell("store's answers get lost");
        _cluster.Store.AnswerLossChance = 0.5 * _random.NextDouble();
        _world.After(Seconds(0.5, 8), () => _cluster.Store.AnswerLossChance = 0);
    }

    private void StoreDown()
    {
        Tell("store is down");
        _cluster.Store.IsDown = true;
        _world.After(Seconds(0.5, 12), () => _cluster.Store.IsDown = false);
    }

    private void NodeCutOffFromStore()
    {
        var node = Any(_cluster.Schedulers).Name;
        Tell($"{node} is cut off from the store");
        _cluster.Store.CutOff(node, true);
        _world.After(Seconds(0.5, 12), () => _cluster.Store.CutOff(node, false));
    }

    private void ClockJumps()
    {
        var process = _random.Next(2) == 0 ? Any(_cluster.Schedulers).Process : Any(_cluster.Workers).Process;
        if (process is not null)
        {
            Tell($"clock of {process.Name} jumps");
            process.ClockSkew += Seconds(-3600, 3600);
        }
    }

    private void AddWorker()
    {
        if (_cluster.Workers.Count(w => !w.IsRemoved) < 6)
        {
            _cluster.AddWorker();
        }
    }

    private void RemoveWorker()
    {
        if (_cluster.Workers.Count(w => !w.IsRemoved) > 1)
        {
            Any(_cluster.Workers).Leave();
        }
    }

    private void KillEverything()
    {
        Tell("everything is killed");
        foreach (var scheduler in _cluster.Schedulers)
        {
            scheduler.Kill(withHost: true);
            _world.After(Seconds(0.5, 10), scheduler.Start);
        }

        foreach (var worker in _cluster.Workers)
        {
            worker.Kill(withHost: true);
            _world.After(Seconds(0.5, 10), worker.Start);
        }
    }

    private (string From, string To) _lastLink;

    private (NetworkLink One, NetworkLink Other) AnyLink(string what)
    {
        var scheduler = Any(_cluster.Schedulers).Name;
        var others = _cluster.Hosts.Where(host => host != scheduler).ToArray();
        var other = Any(others);
        _lastLink = _random.Next(2) == 0 ? (scheduler, other) : (other, scheduler);
        Tell($"{what}: {_lastLink.From} and {_lastLink.To}");
        return (_world.Network.Link(_lastLink.From, _lastLink.To), _world.Network.Link(_lastLink.To, _lastLink.From));
    }

    private void Tell(string what) => _world.Trace.Add("faults", what);

    private T Any<T>(IReadOnlyList<T> things) => things[_random.Next(things.Count)];

    private TimeSpan Seconds(double min, double max) =>
        TimeSpan.FromSeconds(min + ((max - min) * _random.NextDouble()));
}
