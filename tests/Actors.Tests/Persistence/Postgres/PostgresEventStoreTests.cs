using GpuActors.Actors.Persistence.Postgres;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Runtime;
using GpuActors.LocalCluster;

namespace GpuActors.Actors.Tests.Persistence.Postgres;

public sealed class PostgresEventStoreTests
{
    [Fact]
    public async Task A_server_killed_in_the_middle_of_writing_loses_nothing_that_was_acknowledged_and_has_nothing_twice()
    {
        const int actors = 20;
        using var server = new PostgresServer();
        await using var store = Open(server.CreateDatabase());
        var node = await store.AcquireOwnershipAsync("node", "first");
        var acknowledged = new long[actors];
        for (var round = 0; round < 3; round++)
        {
            var writers = Enumerable.Range(0, actors).Select(actor => WriteUntilItFails(store, node, actor, acknowledged));
            var writing = Task.WhenAll(writers);
            await Until(() => acknowledged.Sum() > (round + 1) * 500, "500 events are acknowledged");

            server.Kill();
            await writing.WaitAsync(TimeSpan.FromSeconds(60));
            server.Start();

            for (var actor = 0; actor < actors; actor++)
                await CheckAsync(store, $"actor-{actor}", acknowledged[actor]);
        }
    }

    [Fact]
    public async Task Stores_that_are_opened_at_the_same_time_create_the_tables_once()
    {
        var database = SharedServer.Instance.CreateDatabase();

        var stores = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => Open(database))));

        var epochs = await Task.WhenAll(stores.Select(store => store.AcquireOwnershipAsync("node", "x")));
        epochs.Select(token => token.Epoch).Order().ShouldBe([1, 2, 3, 4, 5, 6]);
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact]
    public void What_is_wrong_with_the_connection_is_said_without_the_password()
    {
        var server = SharedServer.Instance;

        Refusal(server.ConnectionString("postgres", password: "not-it")).ShouldContain("password");
        Refusal(server.ConnectionString("nowhere")).ShouldContain("nowhere");
        Refusal("Host=127.0.0.1;Port=1;Database=x;Username=y;Password=not-it").ShouldContain("can't be reached");
    }

    [Fact]
    public async Task A_request_whose_data_the_server_refuses_does_not_take_others_with_it()
    {
        await using var store = Open(SharedServer.Instance.CreateDatabase());
        var node = await store.AcquireOwnershipAsync("node", "first");

        var good = Enumerable.Range(1, 50).Select(n => store.AppendAsync(Write.Events(node, "a", n, 1))).ToList();
        var bad = store.AppendAsync(Write.Events(node, "bad", 1, Write.Event("a\0b")));
        good.AddRange(Enumerable.Range(51, 50).Select(n => store.AppendAsync(Write.Events(node, "a", n, 1))));

        await bad.ShouldThrowAsync<EventStoreUnavailableException>();
        await Task.WhenAll(good);
        (await store.ReadHighestSequenceNrAsync("a")).ShouldBe(100);
    }

    [Fact]
    public async Task A_reader_by_tag_never_misses_an_event_while_several_nodes_write()
    {
        const int perNode = 300;
        var database = SharedServer.Instance.CreateDatabase();
        await using var reader = Open(database);
        await using var first = Open(database);
        await using var second = Open(database);
        var writing = Task.WhenAll(WriteTagged(first, "a", perNode), WriteTagged(second, "b", perNode));

        var (seen, last) = (new List<StoredEvent>(), 0L);
        while (true)
        {
            var isEnd = writing.IsCompleted;
            var page = await reader.ReadEventsByTagAsync("t", last, 1000);
            seen.AddRange(page);
            last = page.Count > 0 ? page[^1].Ordering : last;
            if (isEnd && page.Count == 0)
                break;
        }
        await writing;

        seen.Count.ShouldBe(2 * perNode);
        seen.Select(stored => stored.Ordering).ShouldBeInOrder();
    }

    private static async Task WriteTagged(IEventStore store, string name, int count)
    {
        var token = await store.AcquireOwnershipAsync(name, name);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async actor =>
        {
            for (var n = 1; n <= count / 10; n++)
                await store.AppendAsync(Write.Events(token, $"{name}-{actor}", n, Write.Event("{}", "t")));
        }));
    }

    private static async Task WriteUntilItFails(IEventStore store, OwnershipToken node, int actor, long[] acknowledged)
    {
        var next = await store.ReadHighestSequenceNrAsync($"actor-{actor}") + 1;
        try
        {
            while (true)
            {
                await store.AppendAsync(Write.Events(node, $"actor-{actor}", next, 1));
                Volatile.Write(ref acknowledged[actor], next++);
            }
        }
        catch (EventStoreUnavailableException)
        {
            // as it must be when the server is gone
        }
    }

    private static async Task CheckAsync(IEventStore store, string actor, long acknowledged)
    {
        var numbers = new List<long>();
        await foreach (var stored in store.ReplayAsync(actor))
            numbers.Add(stored.SequenceNr);
        numbers.ShouldBe(Enumerable.Range(1, numbers.Count).Select(n => (long)n));
        numbers.Count.ShouldBeInRange((int)acknowledged, (int)acknowledged + 1);
    }

    private static async Task Until(Func<bool> condition, string what)
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (!condition())
        {
            (DateTime.UtcNow < deadline).ShouldBeTrue($"waited for: {what}");
            await Task.Delay(5);
        }
    }

    private static string Refusal(string connectionString)
    {
        var refusal = Should.Throw<EventStoreUnavailableException>(() => Open(connectionString));
        refusal.ToString().ShouldNotContain("not-it");
        return refusal.Message;
    }

    private static PostgresEventStore Open(string connectionString) => PostgresEventStore.Open(
        new PostgresEventStoreSettings { ConnectionString = connectionString }, new ProductionRuntime());
}
