using FsCheck;
using FsCheck.Fluent;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Tests.Persistence;

public abstract partial class EventStoreContract
{
    [Fact]
    public async Task Events_are_found_by_tag_page_by_page_in_the_order_of_all_events()
    {
        for (var i = 1; i <= 5; i++)
        {
            await Store.AppendAsync(Write.Events(Node, "a", i, Write.Event($"{i}", "even-odd", i % 2 == 0 ? "even" : "odd")));
            await Store.AppendAsync(Write.Events(Node, "b", i, Write.Event($"{10 * i}", "even-odd")));
        }

        var odd = await Store.ReadEventsByTagAsync("odd", 0, 2);
        odd.Select(e => Write.Text(e.Payload)).ShouldBe(["1", "3"]);
        var rest = await Store.ReadEventsByTagAsync("odd", odd[^1].Ordering, 2);
        rest.Select(e => Write.Text(e.Payload)).ShouldBe(["5"]);
        var all = await Store.ReadEventsByTagAsync("even-odd", 0, 100);
        all.Select(e => Write.Text(e.Payload)).ShouldBe(["1", "10", "2", "20", "3", "30", "4", "40", "5", "50"]);
        (await Store.ReadEventsByTagAsync("none", 0, 100)).ShouldBeEmpty();

        await Store.DeleteEventsAsync(Node, "a", 3);
        (await Store.ReadEventsByTagAsync("odd", 0, 100)).Select(e => e.SequenceNr).ShouldBe([5]);
    }

    [Fact]
    public async Task All_events_are_read_in_their_order_and_the_newest_without_the_others()
    {
        foreach (var id in new[] { "b", "a", "c" })
        {
            await Store.AppendAsync(Write.Events(Node, id, 1, Write.Event($"\"{id}\"")));
        }

        var first = await Store.ReadEventsByTagAsync(null, 0, 2);
        first.Select(e => e.PersistenceId).ShouldBe(["b", "a"]);
        (await Store.ReadEventsByTagAsync(null, first[^1].Ordering, 10)).ShouldHaveSingleItem().PersistenceId.ShouldBe("c");
        (await Store.ReadNewestEventsAsync(2)).Select(e => e.PersistenceId).ShouldBe(["a", "c"]);
        await Should.ThrowAsync<ArgumentException>(() => Store.ReadNewestEventsAsync(0));
    }

    [Fact]
    public async Task An_index_row_is_replaced_but_keeps_its_time_of_creation()
    {
        await Store.AppendAsync(Write.Index(Node, Write.Entity("s1", 100)));
        var changed = Write.Entity("s1", 200, "t", "Running") with { IsOpen = false, Data = Write.Json("[1]") };
        await Store.AppendAsync(Write.Index(Node, changed));

        var found = (await Store.FindEntityAsync("session", "s1")).ShouldNotBeNull();
        found.Status.ShouldBe("Running");
        found.IsOpen.ShouldBeFalse();
        found.CreatedAt.ToUnixTimeMilliseconds().ShouldBe(100);
        found.UpdatedAt.ToUnixTimeMilliseconds().ShouldBe(200);
        Write.Text(found.Data).ShouldBe("[1]");
        (await Store.FindEntityAsync("session", "s2")).ShouldBeNull();
        (await Store.FindEntityAsync("job", "s1")).ShouldBeNull();
    }

    [Fact]
    public async Task Open_entities_are_listed_by_id_page_by_page()
    {
        foreach (var id in new[] { "c", "a", "d", "b" })
            await Store.AppendAsync(Write.Index(Node, Write.Entity(id, 1)));
        await Store.AppendAsync(Write.Index(Node, Write.Entity("b", 1, status: "Completed", isOpen: false)));

        var first = await Store.ListOpenEntitiesAsync("session", null, null, 2);
        var second = await Store.ListOpenEntitiesAsync("session", null, first[^1].Id, 2);

        first.Select(entry => entry.Id).ShouldBe(["a", "c"]);
        second.Select(entry => entry.Id).ShouldBe(["d"]);
        (await Store.ListOpenEntitiesAsync("job", null, null, 2)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Open_entities_are_found_by_the_scope_that_wrote_them_last()
    {
        var shard = await Store.AcquireOwnershipAsync("shard-1", "first");
        foreach (var id in new[] { "a", "b", "c" })
            await Store.AppendAsync(Write.Index(Node, Write.Entity(id, 1)));
        foreach (var id in new[] { "b", "d" })
            await Store.AppendAsync(Write.Index(shard, Write.Entity(id, 1)));
        await Store.AppendAsync(Write.Index(shard, Write.Entity("e", 1, isOpen: false)));

        async Task<string[]> Ids(string? scope, string? afterId) =>
            [.. (await Store.ListOpenEntitiesAsync("session", scope, afterId, 10)).Select(entry => entry.Id)];
        (await Ids("node", null)).ShouldBe(["a", "c"]);
        (await Ids("shard-1", null)).ShouldBe(["b", "d"]);
        (await Ids("shard-1", "b")).ShouldBe(["d"]);
        (await Ids("shard-2", null)).ShouldBeEmpty();
        (await Ids(null, "a")).ShouldBe(["b", "c", "d"]);
    }

    [Fact]
    public async Task Persistence_ids_are_listed_by_prefix_page_by_page()
    {
        foreach (var id in new[] { "session/b", "session/a", "cell/1", "session/c", "sessions" })
            await Store.AppendAsync(Write.Events(Node, id, 1, 3));
        await Store.DeleteEventsAsync(Node, "session/b", 3);

        (await Store.ListPersistenceIdsAsync("session/", null, 1)).ShouldBe(["session/a"]);
        (await Store.ListPersistenceIdsAsync("session/", "session/a", 5)).ShouldBe(["session/c"]);
        (await Store.ListPersistenceIdsAsync("", null, 10)).ShouldBe(["cell/1", "session/a", "session/c", "sessions"]);
        (await Store.ListPersistenceIdsAsync("x", null, 10)).ShouldBeEmpty();
        await Should.ThrowAsync<ArgumentException>(() => Store.ListPersistenceIdsAsync("", null, 0));
    }

    [Fact]
    public async Task Paging_through_a_filtered_list_gives_each_match_once_newest_first()
    {
        var entries = Enumerable.Range(0, 60)
            .Select(i => Write.Entity($"s{i}", i / 4, $"t{i % 2}", i % 3 == 0 ? "Queued" : "Running"))
            .ToList();
        foreach (var entry in entries)
            await Store.AppendAsync(Write.Index(Node, entry));

        Prop.ForAll(ArbMap.Default.ArbFor<(bool Tenant, bool Status, byte Limit)>(), filter =>
        {
            var query = new EntityIndexQuery("session")
            {
                Tenant = filter.Tenant ? "t1" : null,
                Status = filter.Status ? "Running" : null,
                Limit = 1 + (filter.Limit % 70),
            };
            var expected = entries
                .Where(entry => query.Tenant is null || entry.Tenant == query.Tenant)
                .Where(entry => query.Status is null || entry.Status == query.Status)
                .OrderByDescending(entry => entry.CreatedAt)
                .ThenByDescending(entry => entry.Id, StringComparer.Ordinal)
                .Select(entry => entry.Id);
            PageThrough(query).ShouldBe(expected);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task A_page_holds_its_place_while_newer_entities_arrive()
    {
        for (var i = 0; i < 4; i++)
            await Store.AppendAsync(Write.Index(Node, Write.Entity($"s{i}", i)));
        var first = await Store.ListEntitiesAsync(new EntityIndexQuery("session") { Limit = 2 });

        await Store.AppendAsync(Write.Index(Node, Write.Entity("newer", 99)));

        EntityCursor.TryParse(EntityCursor.Of(first[^1]).ToString(), out var cursor).ShouldBeTrue();
        var second = await Store.ListEntitiesAsync(new EntityIndexQuery("session") { Limit = 2, After = cursor });
        second.Select(entry => entry.Id).ShouldBe(["s1", "s0"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(10_001)]
    public async Task A_page_without_a_sensible_bound_is_refused(int limit)
    {
        await Should.ThrowAsync<ArgumentException>(() => Store.ReadEventsAsync("a", 1, 2, limit));
        await Should.ThrowAsync<ArgumentException>(() => Store.ReadEventsByTagAsync("a", 0, limit));
        await Should.ThrowAsync<ArgumentException>(() => Store.ListOpenEntitiesAsync("a", null, null, limit));
        await Should.ThrowAsync<ArgumentException>(
            () => Store.ListEntitiesAsync(new EntityIndexQuery("session") { Limit = limit }));
    }

    [Fact]
    public async Task A_blob_is_stored_once_and_read_by_its_hash()
    {
        var blob = new Blob("t", Write.Json("hello"));
        await Store.PutBlobsAsync(Node, [blob, new Blob("t", Write.Json("")), blob]);
        await Store.PutBlobsAsync(Node, [new Blob("t", Write.Json("hello"))]);

        blob.Hash.ToString().ShouldBe("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
        Write.Text((await Store.ReadBlobAsync("t", blob.Hash)).ShouldNotBeNull()).ShouldBe("hello");
        (await Store.ReadBlobAsync("t", BlobHash.Of(""u8))).ShouldNotBeNull().Length.ShouldBe(0);
        (await Store.ReadBlobAsync("t", BlobHash.Of("other"u8))).ShouldBeNull();
        (await Store.ReadBlobAsync("u", blob.Hash)).ShouldBeNull("the blob is not another owner's");
        Should.Throw<ArgumentException>(() => new Blob("t", new byte[StoreLimits.MaxBlobBytes + 1]));
    }

    private List<string> PageThrough(EntityIndexQuery query)
    {
        var ids = new List<string>();
        while (true)
        {
            var page = Task.Run(() => Store.ListEntitiesAsync(query)).GetAwaiter().GetResult();
            page.Count.ShouldBeLessThanOrEqualTo(query.Limit);
            if (page.Count == 0)
                return ids;
            ids.AddRange(page.Select(entry => entry.Id));
            query = query with { After = EntityCursor.Of(page[^1]) };
        }
    }
}
