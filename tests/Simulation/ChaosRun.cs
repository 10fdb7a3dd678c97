using System.Globalization;
using GpuActors.Actors.TestKit.Simulation;
using GpuActors.Simulation.Cluster;
using GpuActors.Simulation.Faults;
using GpuActors.Simulation.Oracle;
using GpuActors.Simulation.Workload;

namespace GpuActors.Simulation;

/// <summary>One seed from its start to rest, or to the first promise that is broken.</summary>
internal static class ChaosRun
{
    private static readonly TimeSpan AnswersAfter = TimeSpan.FromSeconds(12);

    /// <summary>Runs a seed.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="settings">How long, how many nodes, which planted bug.</param>
    /// <param name="writeTrace">Takes the trace's lines; null for none.</param>
    public static SeedResult Run(long seed, ChaosSettings settings, Action<string>? writeTrace = null)
    {
        var world = new SimulatedWorld(seed, writeTrace);
        var cluster = new SimulatedCluster(world, settings);
        var faults = new FaultInjector(cluster, settings.Chaos);
        var clients = new SimulatedClients(cluster, settings.Chaos);
        var rest = new RestCheck(cluster, clients);
        cluster.Start();
        faults.Start();
        clients.Start();
        var goesOn = !IsBrokenWithin(settings.Chaos);
        if (goesOn)
        {
            ComeToRest();
        }

        var tally = string.Create(
            CultureInfo.InvariantCulture,
            $"{clients.Jobs.Count} jobs, {faults.Count} faults, {cluster.Devices.Begun} attempts, {cluster.Journal.Count} events");
        return new SeedResult(
            seed, world.Trace.Hash, world.Now, world.Runtime.Steps, cluster.Verdict.Violation, tally);

        bool IsBrokenWithin(TimeSpan time) => world.Runtime.RunUntil(() => cluster.Verdict.Violation is not null, time);

        void ComeToRest()
        {
            cluster.Heal();
            world.After(TimeSpan.FromSeconds(20), cluster.Heal); // for what ended behind the first time
            if (!world.Runtime.RunUntil(
                    () => cluster.Verdict.Violation is not null || rest.IsAtRest(), settings.RestLimit))
            {
                rest.AskAll();
                world.Runtime.Advance(AnswersAfter);
                rest.ReportUnrest();
            }
            else if (!IsBrokenWithin(TimeSpan.FromSeconds(1)))
            {
                rest.AskAll();
                if (!IsBrokenWithin(AnswersAfter))
                {
                    rest.CheckAnswers();
                }
            }
        }
    }
}
