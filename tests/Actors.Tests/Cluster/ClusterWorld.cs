using GpuActors.Actors.Cluster;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.TestKit;
using GpuActors.Actors.TestKit.Stores;

namespace GpuActors.Actors.Tests.Cluster;

/// <summary>Several nodes, their network and their database in one simulation.</summary>
internal sealed class ClusterWorld : IStoreFaults, IDisposable
{
    public const string TypeName = "entities";
    public const int Shards = 32;

    private readonly HashSet<(string Id, string Node)> _running = [];

    public ClusterWorld(long seed = 1)
    {
        Runtime = new VirtualRuntime(seed);
        Network = new PartitionableNetwork(Runtime.Network);
        Database = new SimulatedDatabase(Runtime);
        Kit = new TestKit.TestKit(Runtime);
    }

    public VirtualRuntime Runtime { get; }

    public PartitionableNetwork Network { get; }

    public SimulatedDatabase Database { get; }

    public TestKit.TestKit Kit { get; }

    public List<ClusterNode> Nodes { get; } = [];

    /// <summary>Nodes that can't reach the store.</summary>
    public HashSet<string> CutFromStore { get; } = [];

    /// <summary>What entities in memory received.</summary>
    public List<(string Id, int Number, string Node)> Deliveries { get; } = [];

    /// <summary>Entities that ran on two nodes at once, neither of which was paused.</summary>
    public List<string> Doubles { get; } = [];

    public static IMessageExtractor Extractor { get; } =
        HashCodeMessageExtractor.Create(Shards, ClusterTestJson.IdOf);

    StoreFault IStoreFaults.Decide(string node, StoreOperation operation) =>
        CutFromStore.Contains(node) ? new StoreFault(StoreFaultKind.Unreachable) : default;

    /// <summary>Starts nodes and waits until all are up and own all shards among them.</summary>
    public ClusterNode[] Start(params string[] names)
    {
        foreach (var name in names)
        {
            Add(name);
        }

        AwaitBalance();
        return [.. Nodes];
    }

    public ClusterNode Add(
        string name, ClusterSettings? settings = null, ClusterShardingSettings? sharding = null,
        bool isPersistent = false, Action<ClusterNode>? beforeJoin = null)
    {
        var node = new ClusterNode(this, name, settings ?? new ClusterSettings(), sharding ?? new(), isPersistent);
        Runtime.Run(node.StartAsync, TimeSpan.FromSeconds(10));
        beforeJoin?.Invoke(node);
        node.Join();
        Nodes.Add(node);
        return node;
    }

    public void Await(Func<bool> condition, string what, double seconds = 20) =>
        Kit.AwaitCondition(condition, what, TimeSpan.FromSeconds(seconds));

    /// <summary>Waits until the living nodes agree on who is up, and each shard belongs to who should have it.</summary>
    public void AwaitBalance(double seconds = 20)
    {
        var living = Nodes.Where(node => node.IsRunning).ToArray();
        Poll(() => IsBalanced(living), "every shard to be where it belongs", seconds);
    }

    /// <summary>Looks now and then, letting the simulation run in between, until <paramref name="holds"/>, which may
    /// run it itself.</summary>
    public void Poll(Func<bool> holds, string what, double seconds = 20)
    {
        var deadline = Runtime.Elapsed + TimeSpan.FromSeconds(seconds);
        while (!holds())
        {
            Runtime.Elapsed.ShouldBeLessThan(deadline, "waiting for " + what);
            Runtime.Advance(TimeSpan.FromMilliseconds(20));
        }
    }

    /// <summary>Begins something asynchronous inside the simulation.</summary>
    public Task Begin(Func<Task> start)
    {
        Task? begun = null;
        Runtime.RunUntil(() => (begun ??= start()) is not null, TimeSpan.Zero);
        return begun!;
    }

    /// <summary>Who owns what, by the database: scopes to names of nodes.</summary>
    public IReadOnlyDictionary<string, string> Owners()
    {
        var view = Runtime.Run(
            () => Database.Connect("observer").ReadClusterAsync(0), TimeSpan.FromSeconds(1));
        var names = Nodes.Where(node => node.MemberId is not null).ToDictionary(node => node.MemberId!, n => n.Name);
        return view.ChangedScopes
            .Where(row => row.OwnerId is not null && !row.Token.Scope.StartsWith("node/", StringComparison.Ordinal))
            .ToDictionary(row => row.Token.Scope, row => names.GetValueOrDefault(row.OwnerId!, row.OwnerId!));
    }

    public void Delivered(string id, int number, ClusterNode node) => Deliveries.Add((id, number, node.Name));

    public void Started(string id, ClusterNode node)
    {
        if (_running.Any(other => other.Id == id && other.Node != node.Name))
        {
            Doubles.Add($"{id} on {node.Name} at {Runtime.Elapsed}");
        }

        _running.Add((id, node.Name));
    }

    public void Stopped(string id, ClusterNode node) => _running.Remove((id, node.Name));

    /// <summary>What a node does not do any more because it is dead or asleep.</summary>
    public void Silent(ClusterNode node) => _running.RemoveWhere(entry => entry.Node == node.Name);

    public void Dispose()
    {
        foreach (var node in Nodes.Where(node => !node.IsRunning))
        {
            node.Kill();
        }

        foreach (var node in Nodes.Where(node => node.IsRunning))
        {
            _ = node.System.Terminate();
        }

        Runtime.RunUntil(
            () => Nodes.All(node => !node.IsRunning || node.System.WhenTerminated.IsCompleted),
            TimeSpan.FromSeconds(60));
        Kit.Dispose();
    }

    private bool IsBalanced(ClusterNode[] living)
    {
        foreach (var node in living)
        {
            var up = node.Cluster.State.Members.Where(m => m.Status == MemberStatus.Up && m.IsReachable).ToArray();
            if (!node.Cluster.IsUp || up.Length != living.Length)
            {
                return false;
            }
        }

        var owners = Owners().Where(row => row.Key.StartsWith("shard/", StringComparison.Ordinal)).ToArray();
        var members = living[0].Cluster.State.Members;
        return owners.Length >= Shards && Array.TrueForAll(owners, row =>
            row.Value == RendezvousHash.OwnerOf(
                row.Key, [.. members.Where(m => m.Status == MemberStatus.Up && m.IsReachable)])!.Address.Host);
    }
}
