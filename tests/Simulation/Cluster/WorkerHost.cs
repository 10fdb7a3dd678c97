using GpuActors.Actors;
using GpuActors.Actors.Remoting;
using GpuActors.Actors.TestKit;
using GpuActors.Actors.TestKit.Simulation;
using GpuActors.Node;
using GpuActors.Shared.Messages;
using GpuActors.Simulation.Devices;
using GpuActors.Simulation.Oracle;
using GpuActors.Worker.Actors;

namespace GpuActors.Simulation.Cluster;

/// <summary>A host with GPUs on which a worker runs: the same actors as in a worker's process, on simulated devices.</summary>
internal sealed class WorkerHost
{
    private static readonly TimeSpan StartAgain = TimeSpan.FromSeconds(1);

    private readonly SimulatedWorld _world;
    private readonly DeviceOracle _oracle;
    private readonly Verdict _verdict;
    private readonly SeededRandomSource _random;
    private readonly IReadOnlyList<string> _schedulers;
    private readonly PlantedBug _bug;
    private readonly Guid _dataFolder;
    private SimulatedDevices? _devices;
    private IActorRef _worker = ActorRefs.Nobody;
    private TimeSpan? _wentOnAt;
    private int _starts;

    public WorkerHost(
        SimulatedWorld world,
        DeviceOracle oracle,
        Verdict verdict,
        SeededRandomSource random,
        string name,
        IReadOnlyList<string> schedulers,
        PlantedBug bug)
    {
        (_world, _oracle, _verdict, _random) = (world, oracle, verdict, random);
        (Name, _schedulers, _bug) = (name, schedulers, bug);
        _dataFolder = ((GpuActors.Actors.Runtime.IRandomSource)random).NextGuid();
        Gpus = SimulatedGpus.Draw(random);
        Slots = random.Next(4) == 0 ? 2 : 64;
    }

    public string Name { get; }

    public GpuInventory[] Gpus { get; }

    public int Slots { get; }

    public SimulatedProcess? Process { get; private set; }

    public bool IsUp => Process is { IsDead: false };

    /// <summary>It is not to come back: it left the cluster.</summary>
    public bool IsRemoved { get; private set; }

    /// <summary>It stands still, or has just gone on: what it runs does not count.</summary>
    public bool IsExcused => Process is { IsPaused: true } || _world.Now - _wentOnAt < DeviceOracle.Grace;

    public void Start()
    {
        if (IsUp || IsRemoved)
        {
            return;
        }

        if (_devices?.LastsFor is { } lasts && lasts > TimeSpan.Zero)
        {
            _world.After(lasts, Start);
            return;
        }

        _world.Network.HostUp(Name);
        var process = Process = _world.StartProcess($"{Name}.{++_starts}", Name, Clocks.Rate(_random), Clocks.Skew(_random));
        _devices = new SimulatedDevices(_world, this, process, _oracle, _random.Split());
        _world.Trace.Add(process.Name, $"starts with {Gpus.Length} GPU(s)");
        process.Run(() => _ = StartAsync(process, _devices));
    }

    public void Kill(bool withHost)
    {
        if (Process is not { IsDead: false } process)
        {
            return;
        }

        _world.Trace.Add(process.Name, withHost ? "loses its host" : "is killed");
        _devices!.WorkerKilled(withHost);
        if (withHost)
        {
            process.KillWithHost();
        }
        else
        {
            process.Kill();
        }
    }

    /// <summary>The whole host stands still, executors and all.</summary>
    public void Pause()
    {
        _world.Trace.Add(Process!.Name, "is paused");
        Process.Pause();
    }

    public void Resume()
    {
        if (Process is { IsPaused: true } process)
        {
            _world.Trace.Add(process.Name, "goes on");
            _wentOnAt = _world.Now;
            process.Resume();
            _world.After(DeviceOracle.Grace * 1.01, () => _oracle.CheckAfterGrace(this));
        }
    }

    /// <summary>Leaves the cluster in order, for good.</summary>
    public void Leave()
    {
        if (Process is not { IsRunning: true } process)
        {
            return;
        }

        IsRemoved = true;
        _world.Trace.Add(process.Name, "leaves");
        process.Run(() => _ = LeaveAsync());
    }

    private async Task LeaveAsync()
    {
        try
        {
            await _worker.Ask<LeftCluster>(new LeaveCluster(), NodeSettings.Worker.LeaveTimeout * 2);
        }
        catch (AskTimeoutException)
        {
            _world.Trace.Add(Name, "could not leave in time");
        }

        _world.After(TimeSpan.FromSeconds(1), () => Kill(withHost: false));
    }

    private async Task StartAsync(SimulatedProcess process, SimulatedDevices devices)
    {
        try
        {
            var settings = NodeSettings.Worker;
            var system = NodeActors.Create(
                NodeActors.WorkerSystem, settings.Actors, new TraceLoggers(_world.Trace, _verdict, process.Name), process);
            var remoting = NodeActors.Remoting(
                settings.Remoting with { Host = Name, Port = NodeSettings.WorkerPort }, settings.Security.Secret);
            await system.StartRemotingAsync(remoting, CancellationToken.None);
            var identity = new WorkerIdentity(Name, _dataFolder, process.NextGuid(), "1");
            _worker = system.ActorOf(WorkerActors.Props(identity, ActorSettings(), Gpus, devices, _ => { }), "worker");
        }
        catch (IOException e)
        {
            _world.Trace.Add(process.Name, $"can't start: {e.Message}");
            Kill(withHost: false);
            _world.After(StartAgain, Start);
        }
    }

    private WorkerActorSettings ActorSettings() => new(
        [.. _schedulers.Select(host => $"akka://{NodeActors.SchedulerSystem}@{host}:{NodeSettings.SchedulerPort}")],
        NodeSettings.Worker.HeartbeatInterval,
        _bug == PlantedBug.ForgetsToSelfFence ? TimeSpan.FromDays(-1) : NodeSettings.Worker.LeaseMargin,
        NodeSettings.Worker.ResendInterval,
        NodeSettings.Worker.LeaveTimeout,
        Slots);
}

internal static class ProcessRandom
{
    public static Guid NextGuid(this SimulatedProcess process) => process.Random.NextGuid();
}
