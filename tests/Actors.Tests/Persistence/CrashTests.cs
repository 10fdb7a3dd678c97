using GpuActors.Actors.Persistence.Sqlite;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Tests.Persistence;

public sealed class CrashTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(500)]
    [InlineData(3000)]
    public async Task A_process_killed_in_the_middle_of_writing_loses_nothing_that_was_acknowledged(int acknowledged)
    {
        var last = new Dictionary<string, long>();
        using (var writer = new WriterProcess(_folder.File("journal.db")))
        {
            for (var i = 0; await writer.NextAsync() is { } written; i++)
            {
                last[written.Writer] = written.SequenceNr;
                if (i == acknowledged)
                    writer.Kill();
            }
        }

        await using var store = Open();
        last.Values.Sum().ShouldBeGreaterThanOrEqualTo(acknowledged);
        foreach (var (name, sequenceNr) in last)
            await CheckAsync(store, name, sequenceNr);
    }

    [Fact]
    public async Task A_process_that_acquires_the_scope_fences_the_other_process()
    {
        await using var store = Open();
        using var writer = new WriterProcess(_folder.File("journal.db"));
        (await writer.NextAsync()).ShouldNotBeNull();

        var node = await store.AcquireOwnershipAsync("node", "parent");

        await writer.ExpectFencedAsync();
        node.Epoch.ShouldBe(2);
        var highest = await store.ReadHighestSequenceNrAsync("w0");
        await store.AppendAsync(Write.Events(node, "w0", highest + 1, 1));
    }

    [Fact]
    public async Task Two_processes_write_to_one_file_under_scopes_of_their_own()
    {
        await using var store = Open();
        var mine = await store.AcquireOwnershipAsync("mine", "parent");
        using var writer = new WriterProcess(_folder.File("journal.db"));
        for (var n = 1; n <= 200; n++)
        {
            await store.AppendAsync(Write.Events(mine, "parent", n, 1));
            (await writer.NextAsync()).ShouldNotBeNull();
        }

        (await store.ReadHighestSequenceNrAsync("parent")).ShouldBe(200);
    }

    // Every acknowledged write is there with all of its parts, and so is everything before it, without a hole.
    private static async Task CheckAsync(SqliteEventStore store, string writer, long acknowledged)
    {
        var expected = 1L;
        await foreach (var stored in store.ReplayAsync(writer))
        {
            stored.SequenceNr.ShouldBe(expected++);
            (await store.ReadBlobAsync("t", WriterProcess.BlobOf(writer, stored.SequenceNr).Hash)).ShouldNotBeNull();
        }
        expected.ShouldBeGreaterThan(acknowledged);
        var entry = await store.FindEntityAsync("session", writer);
        entry.ShouldNotBeNull().Status.ShouldBe($"{expected - 1}");
    }

    private SqliteEventStore Open() => SqliteEventStore.Open(
        new SqliteEventStoreSettings { Path = _folder.File("journal.db") }, new ProductionRuntime());
}
