using System.Globalization;
using GpuActors.Actors.TestKit;
using GpuActors.Actors.TestKit.Simulation;
using GpuActors.Actors.TestKit.Stores;
using GpuActors.Simulation.Faults;
using GpuActors.Simulation.Oracle;

namespace GpuActors.Simulation.Cluster;

/// <summary>All hosts, their database, and those who watch that promises are kept.</summary>
internal sealed class SimulatedCluster
{
    private readonly SeededRandomSource _random;
    private readonly PlantedBug _bug;
    private readonly List<WorkerHost> _workers = [];
    private readonly List<SchedulerHost> _schedulers = [];
    private readonly Dictionary<string, WorkerHost> _workerByName = new(StringComparer.Ordinal);

    public SimulatedCluster(SimulatedWorld world, int nodes, PlantedBug bug, int cells = 1)
    {
        World = world;
        _random = world.NewRandom();
        (_bug, Cells) = (bug, cells);
        Verdict = new Verdict(world);
        Devices = new DeviceOracle(world, Verdict);
        Database = new SimulatedDatabase(world.Runtime)
        {
            PlantedBug = bug switch
            {
                PlantedBug.SkipsEpochCheck => PlantedStoreBug.SkipsEpochCheck,
                PlantedBug.AcknowledgesBeforeCommit => PlantedStoreBug.AcknowledgesBeforeCommit,
                _ => PlantedStoreBug.None,
            },
        };
        Store = new StoreFaults(world.NewRandom());
        Journal = new JournalOracle(
            world, Database, Verdict, Devices, (host, gpu) => _workerByName[host].Gpus[gpu]);
        for (var i = 1; i <= nodes; i++)
        {
            _schedulers.Add(new SchedulerHost(world, Database, Store, Verdict, world.NewRandom(), Name("s", i), cells));
        }
    }

    public SimulatedWorld World { get; }

    /// <summary>Into how many cells the pool is split.</summary>
    public int Cells { get; }

    public SimulatedDatabase Database { get; }

    public StoreFaults Store { get; }

    public Verdict Verdict { get; }

    public DeviceOracle Devices { get; }

    public JournalOracle Journal { get; }

    public IReadOnlyList<SchedulerHost> Schedulers => _schedulers;

    public IReadOnlyList<WorkerHost> Workers => _workers;

    /// <summary>Every host's name.</summary>
    public IEnumerable<string> Hosts => _schedulers.Select(s => s.Name).Concat(_workers.Select(w => w.Name));

    /// <summary>Starts everything.</summary>
    public void Start()
    {
        _schedulers.ForEach(scheduler => scheduler.Start());
        for (var i = 2 + _random.Next(3); i > 0; i--)
        {
            AddWorker();
        }
    }

    /// <summary>A host joins.</summary>
    public void AddWorker()
    {
        var worker = new WorkerHost(
            World, Devices, Verdict, World.NewRandom(), Name("w", _workers.Count + 1), [.. _schedulers.Select(s => s.Name)], _bug);
        _workers.Add(worker);
        _workerByName[worker.Name] = worker;
        worker.Start();
    }

    /// <summary>Ends all faults: links, store, hosts.</summary>
    public void Heal()
    {
        World.Trace.Add("faults", "all healed");
        Store.Heal();
        World.Network.Heal();
        foreach (var scheduler in _schedulers)
        {
            scheduler.Resume();
            scheduler.Start();
        }

        foreach (var worker in _workers)
        {
            worker.Resume();
            worker.Start();
        }
    }

    private static string Name(string kind, int number) => kind + number.ToString(CultureInfo.InvariantCulture);
}
