namespace GpuActors.Cluster.Tests;

/// <summary>Three scheduler nodes on PostgreSQL and three workers, each lost in some way while jobs come in and run.</summary>
public sealed class PostgresLossTests(PostgresCluster fixture) : IClassFixture<PostgresCluster>, IAsyncLifetime
{
    private const int Some = 10;
    private readonly LocalCluster.LocalCluster _cluster = fixture.Cluster;

    public Task InitializeAsync() => fixture.RestoreAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Jobs_outlive_each_scheduler_node_killed_in_turn()
    {
        using var patience = Patience.ForTest();
        await using var load = new Load(_cluster, "killed", patience.Token);
        foreach (var name in _cluster.Schedulers.Keys.ToArray())
        {
            await load.UntilMoreHaveEndedAsync(Some);
            await _cluster.Schedulers[name].Process.KillAsync();
            await load.UntilMoreHaveEndedAsync(Some);
            await _cluster.StartSchedulerAsync(name);
        }

        await load.ExpectOneResultEachAsync();
    }

    [Fact]
    public async Task A_rolling_restart_under_load_refuses_nothing_that_the_client_does_not_hide()
    {
        using var patience = Patience.ForTest();
        await using var load = new Load(_cluster, "rolling", patience.Token);
        foreach (var name in _cluster.Schedulers.Keys.ToArray())
        {
            await load.UntilMoreHaveEndedAsync(Some);
            (await _cluster.Schedulers[name].Process.StopAsync()).ShouldBeTrue($"{name} stops when it is asked to");
            await _cluster.StartSchedulerAsync(name);
        }

        await load.UntilMoreHaveEndedAsync(Some);
        await load.ExpectOneResultEachAsync();
    }

    [Fact]
    public async Task A_node_that_was_paused_past_its_lease_does_no_harm_and_is_up_again()
    {
        using var patience = Patience.ForTest();
        var journal = new Journal(_cluster);
        await using var load = new Load(_cluster, "paused", patience.Token);
        await load.UntilMoreHaveEndedAsync(Some);
        var (port, paused) = (_cluster.Schedulers["scheduler3"].RemotingPort, _cluster.Schedulers["scheduler3"].Process);
        var before = journal.MembersUp()[port];
        journal.ScopesOf(before).ShouldBeGreaterThan(0);

        paused.Pause();
        await Patience.UntilAsync("others own what the paused node owned", () => journal.ScopesOf(before) == 0);
        await load.UntilMoreHaveEndedAsync(Some);
        paused.Resume();

        await Patience.UntilAsync("the node is up again under a new id", () =>
            journal.MembersUp().TryGetValue(port, out var now) && now != before);
        journal.ScopesOf(before).ShouldBe(0);
        await Patience.UntilAsync("the node has shards again", () => journal.ScopesOf(journal.MembersUp()[port]) > 0);
        await load.UntilMoreHaveEndedAsync(Some);
        await load.ExpectOneResultEachAsync();
        paused.HasExited.ShouldBeFalse();
    }

    [Fact]
    public async Task Jobs_of_a_killed_worker_run_elsewhere_once()
    {
        using var patience = Patience.ForTest();
        using var client = _cluster.Client();
        await using var load = new Load(_cluster, "worker", patience.Token);
        await client.Jobs.SubmitAsync(TestJobs.Endless("endless"), patience.Token);
        var first = await client.UntilRunningAsync("endless", attempt: 1);
        await load.UntilMoreHaveEndedAsync(Some);

        await _cluster.Workers[first.Slices[0].Host].KillAsync();

        var second = await client.UntilRunningAsync("endless", attempt: 2);
        second.Slices[0].Host.ShouldNotBe(first.Slices[0].Host);
        await load.UntilMoreHaveEndedAsync(Some);
        await _cluster.StartWorkerAsync(first.Slices[0].Host);
        await load.ExpectOneResultEachAsync();
        var journal = new Journal(_cluster);
        journal.EventsOf("endless", "session.placed.v1").Count.ShouldBe(2);
        journal.EventsOf("endless", "session.attempt-lost.v1").Count.ShouldBe(1);
        await client.Jobs.CancelAsync("endless", patience.Token);
    }
}
