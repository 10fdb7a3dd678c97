using System.Globalization;
using GpuActors.Actors;
using GpuActors.Actors.Cluster;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Actors.Persistence.Sqlite;
using GpuActors.Actors.Remoting;

namespace GpuActors.Benchmarks.Actors;

/// <summary>
/// Entities that live on another node, a process of its own: questions through this node's region, answers straight
/// back. Prints a line for each figure: <c>name TAB value TAB unit</c>.
/// </summary>
public static class ShardingBenchmarks
{
    /// <summary>The argument, before a file's path, that makes this program the node of the entities.</summary>
    public const string EntityNodeArgument = "sharding-entity-node";

    private const string TypeName = "echo";
    private const string EntityRole = "entities";
    private const int Shards = 64;
    private const int Entities = 1_000;

    private static readonly string[] Ids =
        [.. Enumerable.Range(0, Entities).Select(i => "entity-" + i.ToString(CultureInfo.InvariantCulture))];

    private static readonly HashCodeMessageExtractor Extractor = HashCodeMessageExtractor.Create(
        Shards, message => message is RemotingMessages.Binary binary ? Ids[binary.Number % Entities] : null);

    /// <summary>Runs all and prints the figures.</summary>
    public static async Task RunAsync(TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("sharding-bench-");
        var file = Path.Combine(folder.FullName, "cluster.db");
        using var other = RemotingBenchmarks.StartOther(EntityNodeArgument, file);
        try
        {
            await other.StandardOutput.ReadLineAsync();
            await using var store = Open(file);
            var system = await JoinAsync(store, "asking");
            var region = ClusterSharding.Get(system).StartProxy(TypeName, EntityRole, Extractor);
            await MeasureAsync(output, system, region);
            await system.Terminate();
        }
        finally
        {
            other.Kill();
            await other.WaitForExitAsync();
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The other process: has all entities until it is killed.</summary>
    public static async Task EntityNodeAsync(TextWriter output, string file)
    {
        await using var store = Open(file);
        var system = await JoinAsync(store, EntityRole);
        ClusterSharding.Get(system).Start(
            TypeName, Props.Create(() => new RemotingBenchmarks.EchoActor()),
            new ClusterShardingSettings { Role = EntityRole }, Extractor);
        await output.WriteLineAsync("up");
        await output.FlushAsync();
        await system.WhenTerminated;
    }

    private static SqliteEventStore Open(string file) =>
        SqliteEventStore.Open(new SqliteEventStoreSettings { Path = file }, RemotingBenchmarks.NewRuntime());

    private static async Task<ActorSystem> JoinAsync(SqliteEventStore store, string role)
    {
        var system = RemotingBenchmarks.NewSystem("cluster");
        await system.StartRemotingAsync(RemotingBenchmarks.Settings);
        await system.UseCluster(store, new ClusterSettings { Roles = [role] }).WhenUp;
        return system;
    }

    private static async Task MeasureAsync(TextWriter output, ActorSystem system, IActorRef region)
    {
        var messages = Enumerable.Range(0, Entities).Select(i => (object)new RemotingMessages.Binary(i)).ToArray();
        foreach (var message in messages)
        {
            await region.Ask<object>(message, TimeSpan.FromSeconds(10)); // until there is an owner, and it has started
        }

        await RemoteAsking.PrintLatencyAsync(output, "sharding.ask", region, messages[0]);
        await RemotingBenchmarks.RateAsync(
            output, "sharding.ask.1024_in_flight", "answers/s",
            () => RemoteAsking.RateAsync(region, messages[0], 1024, 300_000));
        await RemotingBenchmarks.RateAsync(
            output, "sharding.echo.10_actors.window_100", "echoes/s",
            () => RemoteEcho.RateAsync(system, region, i => messages[i], 10, 100, 500_000));
    }
}
