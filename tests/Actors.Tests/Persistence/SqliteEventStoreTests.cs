using GpuActors.Actors.Persistence.Sqlite;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Runtime;
using Microsoft.Data.Sqlite;

namespace GpuActors.Actors.Tests.Persistence;

public sealed class SqliteEventStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.File("journal.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_store_that_is_opened_again_has_everything()
    {
        await using (var first = Open())
        {
            var node = await first.AcquireOwnershipAsync("node", "first");
            await first.AppendAsync(Write.Events(node, "a", 1, 3));
        }

        await using var second = Open();
        (await second.ReadHighestSequenceNrAsync("a")).ShouldBe(3);
        (await second.ReadOwnershipAsync("node")).ShouldNotBeNull().Owner.ShouldBe("first");
    }

    [Fact]
    public async Task What_was_called_for_before_closing_is_written_and_nothing_after()
    {
        var store = Open();
        var node = await store.AcquireOwnershipAsync("node", "first");
        var writes = Enumerable.Range(1, 500).Select(n => store.AppendAsync(Write.Events(node, "a", n, 1))).ToList();

        await store.DisposeAsync();

        writes.ShouldAllBe(write => write.IsCompletedSuccessfully);
        await Should.ThrowAsync<ObjectDisposedException>(() => store.AppendAsync(Write.Events(node, "a", 501, 1)));
        await Should.ThrowAsync<ObjectDisposedException>(() => store.ReadHighestSequenceNrAsync("a"));
    }

    [Fact]
    public async Task A_full_disk_fails_the_writes_and_leaves_a_store_that_works_once_there_is_room()
    {
        await using var store = Open(new SqliteEventStoreSettings { Path = File, MaxSizeBytes = 1 << 20 });
        var node = await store.AcquireOwnershipAsync("node", "first");
        var payload = Write.Event(new string('x', 10_000));
        var stored = 0;
        var full = await Should.ThrowAsync<EventStoreUnavailableException>(async () =>
        {
            for (; stored < 1000; stored++)
                await store.AppendAsync(Write.Events(node, "a", stored + 1, payload));
        });

        full.Message.ShouldContain("full");
        stored.ShouldBeInRange(50, 110);
        (await store.ReadHighestSequenceNrAsync("a")).ShouldBe(stored);
        await store.DeleteEventsAsync(node, "a", stored / 2);
        await store.AppendAsync(Write.Events(node, "a", stored + 1, payload));
    }

    [Fact]
    public async Task A_write_lock_held_by_others_fails_the_writes_after_the_timeout_and_not_for_ever()
    {
        await using var store = Open(
            new SqliteEventStoreSettings { Path = File, BusyTimeout = TimeSpan.FromMilliseconds(20) });
        var node = await store.AcquireOwnershipAsync("node", "first");
        await using var other = OpenRaw();
        Execute(other, "BEGIN IMMEDIATE");

        var locked = await store.AppendAsync(Write.Events(node, "a", 1, 1))
            .ShouldThrowAsync<EventStoreUnavailableException>();
        locked.Message.ShouldContain("write lock");
        (await store.ReadHighestSequenceNrAsync("a")).ShouldBe(0); // reading goes on

        Execute(other, "ROLLBACK");
        await store.AppendAsync(Write.Events(node, "a", 1, 1));
    }

    [Fact]
    public async Task A_request_at_which_the_database_fails_does_not_take_others_with_it()
    {
        await using var store = Open();
        var node = await store.AcquireOwnershipAsync("node", "first");
        await using (var other = OpenRaw())
            Execute(other, """
                CREATE TRIGGER poison BEFORE INSERT ON journal WHEN new.persistence_id = 'bad'
                BEGIN SELECT raise(ABORT, 'poison'); END
                """);

        var good = Enumerable.Range(1, 50).Select(n => store.AppendAsync(Write.Events(node, "a", n, 1))).ToList();
        var bad = store.AppendAsync(Write.Events(node, "bad", 1, 1));
        good.AddRange(Enumerable.Range(51, 50).Select(n => store.AppendAsync(Write.Events(node, "a", n, 1))));

        (await bad.ShouldThrowAsync<EventStoreUnavailableException>()).Message.ShouldContain("poison");
        await Task.WhenAll(good);
        (await store.ReadHighestSequenceNrAsync("a")).ShouldBe(100);
    }

    [Fact]
    public async Task More_requests_than_may_wait_are_refused_at_once()
    {
        await using var store = Open(new SqliteEventStoreSettings { Path = File, MaxQueuedRequests = 10 });
        var node = await store.AcquireOwnershipAsync("node", "first");
        await using var other = OpenRaw();
        Execute(other, "BEGIN IMMEDIATE"); // so that nothing leaves the queue but the first batch

        var accepted = new List<Task>();
        var refusal = Should.Throw<EventStoreOverloadedException>(() =>
        {
            for (var i = 0; i < 1000; i++)
                accepted.Add(store.AppendAsync(Write.Events(node, $"p{i}", 1, 1)));
        });
        Execute(other, "ROLLBACK");

        refusal.Message.ShouldContain("10 requests");
        accepted.Count.ShouldBeInRange(10, 100);
        await Task.WhenAll(accepted);
    }

    [Fact]
    public async Task A_newer_schema_is_refused_and_not_touched()
    {
        await Open().DisposeAsync();
        await using (var raw = OpenRaw())
            Execute(raw, "INSERT INTO schema_version VALUES (7, 0)");
        var before = await System.IO.File.ReadAllBytesAsync(File);

        var refusal = Should.Throw<EventStoreSchemaException>(() => Open());

        refusal.Message.ShouldContain("version 7");
        refusal.Message.ShouldContain("up to 2");
        (await System.IO.File.ReadAllBytesAsync(File)).ShouldBe(before);
    }

    [Fact]
    public async Task A_file_of_version_1_is_brought_to_the_newest_version_with_all_that_it_holds()
    {
        await using (var raw = OpenRaw())
            Execute(raw, $"""
                CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied INTEGER NOT NULL);
                {SqliteSchema.Version1}
                INSERT INTO schema_version VALUES (1, 0);
                INSERT INTO ownership VALUES ('node', 'first', 7, 1000);
                INSERT INTO journal VALUES (1, 'a', 1, 1000, 'test/1', ';red;', 'one', 7);
                INSERT INTO tags VALUES ('red', 1);
                INSERT INTO entity_index VALUES ('session', 's1', 't', 'Queued', 1, 1, 1, '[]');
                INSERT INTO blob VALUES ('t', x'{BlobHash.Of("x"u8)}', 1, x'78', 1000);
                """);

        await using var store = Open();

        var node = new OwnershipToken("node", 7);
        (await store.ReadOwnershipAsync("node")).ShouldNotBeNull().ShouldBe(
            new Ownership(node, "first", DateTimeOffset.FromUnixTimeMilliseconds(1000)));
        await store.AppendAsync(Write.Events(node, "a", 2, 1));
        (await store.ReadEventsByTagAsync("red", 0, 10)).ShouldHaveSingleItem().SequenceNr.ShouldBe(1);
        (await store.ReadBlobPartAsync("t", BlobHash.Of("x"u8), 0)).ShouldNotBeNull().Length.ShouldBe(1);
        (await store.ListOpenEntitiesAsync("session", null, null, 10)).ShouldHaveSingleItem();
        (await store.ListOpenEntitiesAsync("session", "node", null, 10)).ShouldBeEmpty("its scope isn't known yet");
        await store.AppendAsync(Write.Index(node, Write.Entity("s1", 1)));
        (await store.ListOpenEntitiesAsync("session", "node", null, 10)).ShouldHaveSingleItem();
        (await store.ReadClusterAsync(0)).ChangedScopes.ShouldHaveSingleItem().Token.ShouldBe(node);
    }

    [Fact]
    public void A_database_of_something_else_is_refused_and_not_touched()
    {
        using (var raw = OpenRaw())
            Execute(raw, "CREATE TABLE customers (id INTEGER)");
        var before = System.IO.File.ReadAllBytes(File);

        Should.Throw<EventStoreSchemaException>(() => Open()).Message.ShouldContain("something else");

        System.IO.File.ReadAllBytes(File).ShouldBe(before);
    }

    [Fact]
    public void A_file_that_is_no_database_and_a_path_that_is_a_folder_are_refused()
    {
        System.IO.File.WriteAllText(File, new string('x', 5000));

        Should.Throw<EventStoreUnavailableException>(() => Open()).Message.ShouldContain("damaged");
        Should.Throw<EventStoreUnavailableException>(() => Open(new SqliteEventStoreSettings { Path = _folder.Path }));
        Should.Throw<ArgumentException>(() => Open(new SqliteEventStoreSettings { Path = File, ReadConnections = 0 }));
    }

    [Fact]
    public async Task Stores_that_are_opened_at_the_same_time_create_the_schema_once()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(Open)));

        var epochs = await Task.WhenAll(stores.Select(store => store.AcquireOwnershipAsync("node", "x")));

        epochs.Select(token => token.Epoch).Order().ShouldBe([1, 2, 3, 4, 5, 6, 7, 8]);
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact]
    public async Task The_log_is_copied_into_the_database_and_does_not_grow_without_end_while_readers_overlap()
    {
        await using var store = Open(new SqliteEventStoreSettings { Path = File, CheckpointPages = 20 });
        var node = await store.AcquireOwnershipAsync("node", "first");
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => ReadUntil(store, done.Token)).ToList();

        for (var n = 1; n <= 400; n++)
            await store.AppendAsync(Write.Events(node, "a", n, Write.Event(new string('x', 8_000))));

        await done.CancelAsync();
        await Task.WhenAll(readers);
        const int writtenBytes = 3_200_000;
        new FileInfo(File + "-wal").Length.ShouldBeLessThan(writtenBytes / 4);
        new FileInfo(File).Length.ShouldBeGreaterThan(writtenBytes * 3 / 4);
    }

    [Theory]
    [InlineData("", "entity_index_newest")]
    [InlineData("AND tenant = 't'", "entity_index_tenant")]
    [InlineData("AND status = 's'", "entity_index_status")]
    [InlineData("AND tenant = 't' AND status = 's'", "entity_index_tenant_status")]
    public async Task Every_list_of_entities_walks_an_index_and_sorts_nothing(string filter, string index)
    {
        await Open().DisposeAsync();
        await using var raw = OpenRaw();
        await using var command = raw.CreateCommand();
        command.CommandText = $"""
            EXPLAIN QUERY PLAN SELECT * FROM entity_index WHERE kind = 'k' {filter} AND (created, id) < (5, 'x')
            ORDER BY created DESC, id DESC LIMIT 10
            """;
        await using var plan = await command.ExecuteReaderAsync();

        (await plan.ReadAsync()).ShouldBeTrue();
        plan.GetString(3).ShouldContain($"USING INDEX {index} ");
        (await plan.ReadAsync()).ShouldBeFalse();
    }

    private static async Task ReadUntil(SqliteEventStore store, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
            await store.ReadEventsAsync("a", 1, long.MaxValue, 5, CancellationToken.None);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteConnection OpenRaw()
    {
        var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        return connection;
    }

    private SqliteEventStore Open() => Open(new SqliteEventStoreSettings { Path = File });

    private static SqliteEventStore Open(SqliteEventStoreSettings settings) =>
        SqliteEventStore.Open(settings, new ProductionRuntime());
}
