using System.Globalization;
using GpuActors.Actors.Cluster;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence;
using GpuActors.Actors.Persistence.Sqlite;
using GpuActors.Actors.Remoting;
using GpuActors.Actors.Remoting.Transport;
using GpuActors.Actors.Runtime;
using GpuActors.Actors.Tests.Persistence;
using ThisCluster = GpuActors.Actors.Cluster.Cluster;

namespace GpuActors.Actors.Tests.Cluster;

/// <summary>Nodes on real time, TCP and one SQLite file.</summary>
public sealed class RealClusterTests : IAsyncLifetime
{
    private const int Entities = 40;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly List<RealNode> _nodes = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.EndAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task Entities_are_spread_move_when_a_node_leaves_and_keep_what_they_wrote()
    {
        var (first, second) = (await StartAsync(), await StartAsync());
        await BothUp(first, second);
        var homes = new HashSet<string>();
        for (var i = 0; i < Entities; i++)
        {
            homes.Add((await first.AskAsync(i, 1)).Node);
        }

        homes.Count.ShouldBe(2);
        var left = second.System.Terminate();
        var asked = new List<Task<Noted>>();
        for (var number = 2; !left.IsCompleted && number < 1000; number++)
        {
            asked.Add(first.AskAsync(number % Entities, number));
            await Task.Delay(5);
        }

        await left.WaitAsync(Limit);
        await Task.WhenAll(asked).WaitAsync(Limit);
        for (var i = 0; i < Entities; i++)
        {
            var noted = await first.AskAsync(i, 5000);
            noted.Node.ShouldBe(first.Name);
            noted.Numbers[0].ShouldBe(1);
            noted.Numbers.Length.ShouldBe(2 + asked.Count(task => task.Result.Id == noted.Id));
        }
    }

    [Fact]
    public async Task A_node_set_down_is_refused_and_comes_back_as_a_new_member()
    {
        var (first, second) = (await StartAsync(), await StartAsync());
        await BothUp(first, second);
        var former = second.Cluster.SelfMember!.Id;
        first.Cluster.Down(second.Cluster.SelfAddress);
        await Until(() => second.Cluster.SelfMember is { } self && self.Id != former && second.Cluster.IsUp, "a new life");
        await BothUp(first, second);
        for (var i = 0; i < Entities; i++)
        {
            (await first.AskAsync(i, 1)).Numbers.ShouldBe([1]);
            (await second.AskAsync(i, 2)).Numbers.ShouldBe([1, 2]);
        }
    }

    private static Task BothUp(params RealNode[] nodes) => Until(
        () => nodes.All(node => node.Cluster.IsUp
            && node.Cluster.State.Members.Count(m => m.Status == MemberStatus.Up && m.IsReachable) == nodes.Length),
        "all nodes to be up");

    private static async Task Until(Func<bool> holds, string what)
    {
        using var deadline = new CancellationTokenSource(Limit);
        while (!holds())
        {
            deadline.IsCancellationRequested.ShouldBeFalse("waiting for " + what);
            await Task.Delay(10);
        }
    }

    private async Task<RealNode> StartAsync()
    {
        var node = new RealNode("n" + (_nodes.Count + 1).ToString(CultureInfo.InvariantCulture));
        _nodes.Add(node);
        await node.StartAsync(_folder.File("cluster.db"));
        return node;
    }

    private sealed class RealNode(string name)
    {
        private readonly ProductionRuntime _runtime = new(new TcpNetwork());
        private SqliteEventStore? _store;
        private IActorRef _region = ActorRefs.Nobody;

        public string Name => name;

        public ActorSystem System { get; private set; } = null!;

        public ThisCluster Cluster { get; private set; } = null!;

        public async Task StartAsync(string path)
        {
            _store = SqliteEventStore.Open(new SqliteEventStoreSettings { Path = path }, _runtime);
            System = ActorSystem.Create("real", new ActorSystemSetup { Runtime = _runtime });
            ClusterTestJson.RegisterAll(System);
            await System.StartRemotingAsync(new RemoteSettings { Secret = "the secret of these tests" });
            System.UsePersistence(_store, new PersistenceSettings { OwnershipScope = "node/" + name });
            Cluster = System.UseCluster(_store, new ClusterSettings
            {
                Lease = TimeSpan.FromSeconds(10), // the machine may be busy
                UnreachableAfter = TimeSpan.FromSeconds(10),
                RenewInterval = TimeSpan.FromMilliseconds(200),
                StoreTimeout = TimeSpan.FromSeconds(5),
            });
            _region = ClusterSharding.Get(System).Start(
                "entities",
                id => Props.Create(() => new JournaledEntity(id, Name)),
                ClusterShardingSettings.Create(System),
                ClusterWorld.Extractor);
        }

        public Task<Noted> AskAsync(int entity, int number) => _region.Ask<Noted>(
            new Note("e" + entity.ToString(CultureInfo.InvariantCulture), number), Limit);

        public async Task EndAsync()
        {
            await System.Terminate();
            await _store!.DisposeAsync();
        }
    }
}
