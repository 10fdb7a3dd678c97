using GpuActors.Actors.Cluster;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Actors.Persistence;
using GpuActors.Actors.Remoting;
using GpuActors.Actors.TestKit;
using GpuActors.Actors.TestKit.Stores;
using ThisCluster = GpuActors.Actors.Cluster.Cluster;

namespace GpuActors.Actors.Tests.Cluster;

/// <summary>One process of a simulated cluster.</summary>
internal sealed class ClusterNode(
    ClusterWorld world, string name, ClusterSettings settings, ClusterShardingSettings sharding, bool isPersistent)
{
    private readonly PausableRuntime _runtime = new(world.Runtime, world.Network.Of(name));
    private readonly SimulatedStore _store = world.Database.Connect(
        name, world, new SimulatedStoreSettings
        {
            LatencyMin = TimeSpan.FromMilliseconds(0.5),
            LatencyMax = TimeSpan.FromMilliseconds(3),
        });

    public ClusterWorld World => world;

    public string Name => name;

    public TestLoggerFactory Logs { get; } = new();

    public ActorSystem System { get; private set; } = null!;

    public RemoteExtension Remoting { get; private set; } = null!;

    public ThisCluster Cluster { get; private set; } = null!;

    public IActorRef Region { get; private set; } = null!;

    public bool IsRunning { get; private set; } = true;

    public string? MemberId => Cluster.SelfMember?.Id;

    public async Task StartAsync()
    {
        System = ActorSystem.Create("cluster", new ActorSystemSetup { Runtime = _runtime, LoggerFactory = Logs });
        ClusterTestJson.RegisterAll(System);
        Remoting = await System.StartRemotingAsync(new RemoteSettings
        {
            HostName = name,
            Port = 4053,
            Secret = "the tests' secret",
        });
        System.UsePersistence(_store, new PersistenceSettings { OwnershipScope = "node/" + name });
    }

    public void Join()
    {
        Cluster = System.UseCluster(_store, settings);
        Region = ClusterSharding.Get(System).Start(
            ClusterWorld.TypeName,
            id => isPersistent
                ? Props.Create(() => new JournaledEntity(id, name, ran => Ran(id, ran)))
                : Props.Create(() => new ForgetfulEntity(id, this)),
            sharding,
            ClusterWorld.Extractor);
    }

    /// <summary>As kill -9.</summary>
    public void Kill()
    {
        IsRunning = false;
        _store.Kill();
        world.Silent(this);
        _runtime.Pause();
        world.Runtime.Run(Remoting.Node.AbortAsync, TimeSpan.FromSeconds(10));
    }

    public void Pause()
    {
        _runtime.Pause();
        world.Silent(this);
    }

    public void Resume() => _runtime.Resume();

    /// <summary>Asks an entity and waits for the answer.</summary>
    public Noted Ask(string id, int number, double seconds = 10) => world.Kit.Await(
        Region.Ask<Noted>(new Note(id, number), TimeSpan.FromSeconds(seconds)), TimeSpan.FromSeconds(seconds + 1));

    private void Ran(string id, bool isStart)
    {
        if (isStart)
        {
            world.Started(id, this);
        }
        else
        {
            world.Stopped(id, this);
        }
    }

    public bool HasLogged(string text) =>
        Logs.Entries.Any(entry => entry.Message.Contains(text, StringComparison.Ordinal));
}
