using System.Net;
using GpuActors.Client;
using GpuActors.LocalCluster;
using GpuActors.Shared.Api;

namespace GpuActors.Cluster.Tests;

/// <summary>Two scheduler nodes of three, the store, or a worker cannot reach each other for a while.</summary>
public sealed class PartitionTests : IAsyncLifetime
{
    private const int Some = 10;
    private const string Database = LocalClusterSettings.DatabaseName;
    private const string Clients = "clients";
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    private readonly NetworkNamespaces _network = new("scheduler1", "scheduler2", "scheduler3", "host1", "host2", Database, Clients);
    private LocalCluster.LocalCluster _cluster = null!;
    private SocketsHttpHandler _handler = null!;

    public async Task InitializeAsync()
    {
        _handler = NamespaceSockets.Handler(_network.FileOf(Clients));
        _cluster = await LocalCluster.LocalCluster.StartAsync(new LocalClusterSettings
        {
            Schedulers = 3,
            Workers = 2,
            Store = ClusterStore.Postgres,
            Place = _network.Place,
            ClientHandler = () => _handler,
            ExtraConfig = LostHost.Config,
        });
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _handler.Dispose();
        _network.Dispose();
    }

    [NamespaceFact]
    public async Task A_node_that_is_cut_off_stops_acting_while_the_others_go_on_and_comes_back()
    {
        await LoseNodeAsync(
            "everything",
            "scheduler3",
            () => _network.CutOff("scheduler3"),
            () => _network.Connect("scheduler3"),
            ExpectRefusalAsync);
        await LoseNodeAsync(
            "the-store",
            "scheduler2",
            () =>
            {
                _network.Lose("scheduler2", Database);
                _network.Lose(Database, "scheduler2");
            },
            () =>
            {
                _network.Deliver("scheduler2", Database);
                _network.Deliver(Database, "scheduler2");
            });
        await LoseNodeAsync(
            "one-way",
            "scheduler1",
            () => _network.Lose(Database, "scheduler1"),
            () => _network.Deliver(Database, "scheduler1"));
    }

    [NamespaceFact]
    public async Task A_node_that_others_do_not_hear_makes_way_although_it_reaches_the_store()
    {
        await LoseNodeAsync(
            "other-nodes",
            "scheduler1",
            () =>
            {
                _network.Lose("scheduler1", "scheduler2");
                _network.Lose("scheduler1", "scheduler3");
            },
            () =>
            {
                _network.Deliver("scheduler1", "scheduler2");
                _network.Deliver("scheduler1", "scheduler3");
            });
        var younger = Younger("scheduler2", "scheduler3");
        var older = younger == "scheduler2" ? "scheduler3" : "scheduler2";
        await LoseNodeAsync(
            "one-node", younger, () => _network.Lose(younger, older), () => _network.Deliver(younger, older));
    }

    [NamespaceFact]
    public async Task Jobs_of_a_worker_that_is_cut_off_run_elsewhere_once_and_never_in_two_places()
    {
        using var client = new GpuActorsClient(_cluster.ClientOptions() with { RequestTimeout = RequestTimeout });
        await new LostHost(_cluster, client, "cut-off").ExpectMoveAsync(_network.CutOff, _network.Connect);
    }

    private string Younger(string one, string other)
    {
        var byAge = new Journal(_cluster).PortsByAge().ToList();
        return byAge.IndexOf(_cluster.Schedulers[one].RemotingPort) > byAge.IndexOf(_cluster.Schedulers[other].RemotingPort)
            ? one
            : other;
    }

    private async Task LoseNodeAsync(
        string tenant, string name, Action cut, Action heal, Func<SchedulerProcess, Task>? meanwhile = null)
    {
        using var patience = Patience.ForTest();
        var journal = new Journal(_cluster);
        await using var load = new Load(
            _cluster, tenant, patience.Token, o => o with { RequestTimeout = RequestTimeout, Attempts = 20 });
        await load.UntilMoreHaveEndedAsync(Some);
        var node = _cluster.Schedulers[name];
        var before = journal.MembersUp()[node.RemotingPort];

        cut();
        await Patience.UntilAsync($"others own what {name} owned", () => journal.ScopesOf(before) == 0);
        await ExpectFailingAsync(node);
        if (meanwhile is not null)
        {
            await meanwhile(node);
        }

        await load.UntilMoreHaveEndedAsync(Some);
        heal();

        await Patience.UntilAsync($"{name} is up again under a new id", () =>
            journal.MembersUp().TryGetValue(node.RemotingPort, out var now) && now != before);
        await load.UntilMoreHaveEndedAsync(Some);
        await load.ExpectOneResultEachAsync();
        node.Process.HasExited.ShouldBeFalse();
    }

    /// <summary>Asks the node itself, on its own side of the partition: it must have stopped before others took over.</summary>
    private async Task ExpectFailingAsync(SchedulerProcess node)
    {
        using var handler = NamespaceSockets.Handler(_network.FileOf(node.Process.Name));
        using var http = new HttpClient(handler) { BaseAddress = node.HttpAddress, Timeout = TimeSpan.FromMinutes(1) };
        using var health = await http.GetAsync(ApiRoutes.Health);
        health.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    /// <summary>A node that has neither store nor other nodes accepts nothing.</summary>
    private async Task ExpectRefusalAsync(SchedulerProcess node)
    {
        using var handler = NamespaceSockets.Handler(_network.FileOf(node.Process.Name));
        using var client = new GpuActorsClient(_cluster.ClientOptions() with
        {
            Servers = [node.HttpAddress], Handler = handler, Attempts = 1, RequestTimeout = RequestTimeout,
        });
        await Should.ThrowAsync<GpuActorsException>(() => client.Jobs.SubmitAsync(TestJobs.Number("never", 1)));
    }
}
