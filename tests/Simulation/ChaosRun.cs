using System.Globalization;
using GpuActors.Actors.TestKit.Simulation;
using GpuActors.Simulation.Cluster;
using GpuActors.Simulation.Faults;
using GpuActors.Simulation.Oracle;
using GpuActors.Simulation.Workload;

namespace GpuActors.Simulation;

/// <summary>One seed from its start to rest, or to the first promise that is broken.</summary>
internal sealed class ChaosRun
{
    private static readonly TimeSpan HealAgainAfter = TimeSpan.FromSeconds(20);

    /// <summary>Long enough for all to find each other again; before that the reasons of those who wait are not known.
    /// </summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan AnswersAfter = TimeSpan.FromSeconds(12);

    private readonly long _seed;
    private readonly ChaosSettings _settings;
    private readonly SimulatedWorld _world;
    private readonly SimulatedCluster _cluster;
    private readonly FaultInjector _faults;
    private readonly SimulatedClients _clients;
    private readonly RestCheck _rest;

    private ChaosRun(long seed, ChaosSettings settings, Action<string>? writeTrace)
    {
        (_seed, _settings) = (seed, settings);
        _world = new SimulatedWorld(seed, writeTrace);
        _cluster = new SimulatedCluster(_world, settings.NodesOf(seed), settings.Bug, settings.Cells);
        _faults = new FaultInjector(_cluster, settings.Chaos);
        _clients = new SimulatedClients(_cluster, settings.Chaos);
        _rest = new RestCheck(_cluster, _clients);
    }

    /// <summary>Runs a seed.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="settings">How long, how many nodes, which planted bug.</param>
    /// <param name="writeTrace">Takes the trace's lines; null for none.</param>
    public static SeedResult Run(long seed, ChaosSettings settings, Action<string>? writeTrace = null) =>
        new ChaosRun(seed, settings, writeTrace).Run();

    private SeedResult Run()
    {
        _cluster.Start();
        _faults.Start();
        _clients.Start();
        if (!IsBrokenWithin(_settings.Chaos) && _settings.RestLimit > TimeSpan.Zero)
        {
            ComeToRest();
        }

        var tally = string.Create(
            CultureInfo.InvariantCulture,
            $"{_cluster.Schedulers.Count} node(s), {_clients.Jobs.Count} jobs, {_faults.Count} faults, "
            + $"{_cluster.Devices.Begun} attempts, {_cluster.Journal.Count} events, {_world.Runtime.Steps} steps");
        return new SeedResult(
            _seed, _world.Trace.Hash, _world.Now, _world.Runtime.Steps, _cluster.Verdict.Violation, tally);
    }

    private void ComeToRest()
    {
        _cluster.Heal();
        if (IsBrokenWithin(HealAgainAfter))
        {
            return;
        }

        _cluster.Heal(); // what ended behind the first time
        if (IsBrokenWithin(SettleTime))
        {
            return;
        }

        if (!IsAtRestInTime())
        {
            _rest.AskAll();
            _world.Runtime.Advance(AnswersAfter);
            _rest.ReportUnrest();
        }
        else if (!IsBrokenWithin(TimeSpan.FromSeconds(1)))
        {
            _rest.AskAll();
            if (!IsBrokenWithin(AnswersAfter))
            {
                _rest.CheckAnswers();
            }
        }
    }

    /// <summary>
    /// Whether all came to rest, or a promise was broken. A long queue is no fault as long as it gets shorter, so what
    /// counts is that something goes on.
    /// </summary>
    private bool IsAtRestInTime()
    {
        var deadline = _world.Now + _settings.RestLimit;
        for (var seen = -1; seen < _cluster.Journal.Count && _world.Now < deadline;)
        {
            seen = _cluster.Journal.Count;
            if (_world.Runtime.RunUntil(() => IsBroken() || _rest.IsAtRest(), _settings.QuietLimit))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsBrokenWithin(TimeSpan time) => _world.Runtime.RunUntil(IsBroken, time);

    private bool IsBroken()
    {
        if (_world.Runtime.Steps > _settings.StepLimit && _cluster.Verdict.Violation is null)
        {
            _cluster.Verdict.Broken("a run comes to rest", $"it did not within {_settings.StepLimit} steps");
        }

        return _cluster.Verdict.Violation is not null;
    }
}
