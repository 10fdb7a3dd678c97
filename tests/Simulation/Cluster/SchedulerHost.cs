using GpuActors.Actors;
using GpuActors.Actors.Persistence;
using GpuActors.Actors.TestKit;
using GpuActors.Actors.TestKit.Simulation;
using GpuActors.Actors.TestKit.Stores;
using GpuActors.Node;
using GpuActors.Scheduler;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Simulation.Oracle;

namespace GpuActors.Simulation.Cluster;

/// <summary>
/// A host on which a scheduler runs: the same actors as in a scheduler's process, without HTTP. What would answer HTTP
/// requests is <see cref="Ask"/>.
/// </summary>
internal sealed class SchedulerHost(
    SimulatedWorld world,
    SimulatedDatabase database,
    IStoreFaults faults,
    Verdict verdict,
    SeededRandomSource random,
    string name,
    int cells)
{
    /// <summary>Enough for every node to own several; each costs a restarted node a few hundred events.</summary>
    private const int Shards = 16;

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StartAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(90);
    private static readonly SimulatedStoreSettings StoreSettings = new()
    {
        LatencyMin = TimeSpan.FromMicroseconds(300),
        LatencyMax = TimeSpan.FromMilliseconds(4),
    };

    private SchedulerRegions? _regions;
    private SimulatedStore? _store;
    private ActorSystem? _system;
    private int _starts;

    public string Name => name;

    public SimulatedProcess? Process { get; private set; }

    public bool IsUp => Process is { IsDead: false };

    /// <summary>It answers requests.</summary>
    public bool Serves => IsUp && _regions is { Ready: true };

    /// <summary>Starts a process, unless one runs.</summary>
    public void Start()
    {
        if (IsUp)
        {
            return;
        }

        world.Network.HostUp(name);
        var process = Process = world.StartProcess($"{name}.{++_starts}", name, Clocks.Rate(random), Clocks.Skew(random));
        var store = _store = database.Connect(name, faults, StoreSettings, process);
        var regions = _regions = new SchedulerRegions();
        world.Trace.Add(process.Name, "starts");
        process.Run(() => _ = StartAsync(process, store, regions));
    }

    public void Kill(bool withHost)
    {
        if (Process is { IsDead: false } process)
        {
            world.Trace.Add(process.Name, withHost ? "loses its host" : "is killed");
            _store!.Kill();
            Stop(process, withHost);
        }
    }

    /// <summary>As SIGTERM does: hands over what it owns and ends; started anew a while later.</summary>
    public void Leave(TimeSpan startAgainAfter)
    {
        if (Serves && Process is { IsRunning: true } process)
        {
            world.Trace.Add(process.Name, "is told to leave");
            _regions!.Ready = false;
            var (system, store) = (_system!, _store!);
            process.Run(() => _ = LeaveAsync(process, system, store, startAgainAfter));
            world.After(LeaveLimit, () =>
            {
                if (process is { IsDead: false } && Process == process)
                {
                    Kill(withHost: false); // as whoever sent SIGTERM would in the end
                    world.After(startAgainAfter, Start);
                }
            });
        }
    }

    public void Pause()
    {
        world.Trace.Add(Process!.Name, "is paused");
        Process.Pause();
    }

    public void Resume()
    {
        if (Process is { IsPaused: true } process)
        {
            world.Trace.Add(process.Name, "goes on");
            process.Resume();
        }
    }

    /// <summary>
    /// The process stands still, is believed dead and is replaced; later it goes on, cut off from everything but the
    /// store, and after another while it is killed.
    /// </summary>
    public void Replace(TimeSpan goesOnAfter, TimeSpan killedAfter)
    {
        var (old, oldStore) = (Process!, _store!);
        world.Trace.Add(old.Name, "is paused and replaced");
        old.Pause();
        world.Network.Detach(old);
        Process = null;
        Start();
        world.After(goesOnAfter, () =>
        {
            world.Trace.Add(old.Name, "goes on, though it was replaced");
            old.Resume();
        });
        world.After(goesOnAfter + killedAfter, () =>
        {
            oldStore.Kill();
            old.Kill();
        });
    }

    /// <summary>Asks a session, as an HTTP request does; <paramref name="answered"/> is not called if no answer comes.</summary>
    public void Ask<T>(object question, Action<T> answered)
    {
        if (Serves && _regions is { } regions)
        {
            Process!.Run(() => _ = AskAsync(regions.Sessions, question, answered));
        }
    }

    /// <summary>Asks every cell.</summary>
    public void AskCells<T>(object question, Action<T> answered)
    {
        if (Serves && _regions is { } regions)
        {
            Array.ForEach(regions.CellsOf(regions.Pool).Names, cell => AskCell(regions, cell, question, answered));
        }
    }

    /// <summary>Asks the cell that a worker's host belongs to.</summary>
    public void AskCellOf<T>(string worker, object question, Action<T> answered)
    {
        if (Serves && _regions is { } regions)
        {
            AskCell(regions, regions.CellsOf(regions.Pool).CellOf(worker), question, answered);
        }
    }

    private void AskCell<T>(SchedulerRegions regions, string cell, object question, Action<T> answered) =>
        Process!.Run(() => _ = AskAsync(
            regions.Cells, new Actors.Cluster.Sharding.ShardingEnvelope(cell, question), answered));

    private async Task LeaveAsync(
        SimulatedProcess process, ActorSystem system, SimulatedStore store, TimeSpan startAgainAfter)
    {
        await system.Terminate();
        await store.DisposeAsync();
        world.Trace.Add(process.Name, "has left");
        Stop(process, withHost: false);
        world.After(startAgainAfter, Start);
    }

    private static async Task AskAsync<T>(IActorRef target, object question, Action<T> answered)
    {
        try
        {
            answered(await target.Ask<T>(question, AnswerTimeout));
        }
        catch (Exception e) when (e is AskTimeoutException or InvalidCastException)
        {
            // The client's own timeout sees to it.
        }
    }

    private async Task StartAsync(SimulatedProcess process, SimulatedStore store, SchedulerRegions regions)
    {
        try
        {
            var system = NodeActors.Create(
                NodeActors.SchedulerSystem, NodeSettings.Scheduler.Actors, new TraceLoggers(world.Trace, verdict, process.Name), process);
            _system = system;
            SchedulerActors.RegisterEvents(system);
            var persistence = system.UsePersistence(
                store, new Actors.Persistence.PersistenceSettings { OwnershipScope = $"node/{name}", Owner = name });
            var ownership = await persistence.Ownership;
            await SchedulerActors.StartAsync(
                system, store, regions, Settings(), ownership, "http://unused", CancellationToken.None, Shards);
            world.Trace.Add(process.Name, "serves");
            await regions.TakenOver;
            world.Trace.Add(process.Name, "was taken over and ends");
            store.Kill();
            Stop(process, withHost: false);
        }
        catch (NodeTakenOverException)
        {
            world.Trace.Add(process.Name, "was taken over before it served");
            store.Kill();
            Stop(process, withHost: false);
        }
        catch (Exception e)
        {
            world.Trace.Add(process.Name, $"can't start: {e.Message}");
            store.Kill();
            Stop(process, withHost: false);
            world.After(StartAgain, Start);
        }
    }

    private void Stop(SimulatedProcess process, bool withHost)
    {
        if (withHost)
        {
            process.KillWithHost();
        }
        else
        {
            process.Kill();
        }
    }

    private SchedulerSettings Settings() => NodeSettings.Scheduler with
    {
        Cells = cells,
        Remoting = NodeSettings.Scheduler.Remoting with { Host = name, Port = NodeSettings.SchedulerPort },
    };
}
