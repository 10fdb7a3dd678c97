using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Tests.Persistence;

public abstract partial class EventStoreContract
{
    [Fact]
    public async Task Each_acquisition_raises_the_epoch_by_one_and_names_the_owner()
    {
        var first = await Store.AcquireOwnershipAsync("shard-7", "alice");
        var second = await Open().AcquireOwnershipAsync("shard-7", "bob");

        first.ShouldBe(new OwnershipToken("shard-7", 1));
        second.ShouldBe(new OwnershipToken("shard-7", 2));
        var ownership = (await Store.ReadOwnershipAsync("shard-7")).ShouldNotBeNull();
        ownership.Token.ShouldBe(second);
        ownership.Owner.ShouldBe("bob");
        (await Store.ReadOwnershipAsync("shard-8")).ShouldBeNull();
    }

    [Fact]
    public async Task Concurrent_acquisitions_get_different_epochs()
    {
        var other = Open();
        var tokens = await Task.WhenAll(Enumerable.Range(0, 100)
            .Select(i => (i % 2 == 0 ? Store : other).AcquireOwnershipAsync("shard", $"owner-{i}")));

        tokens.Select(token => token.Epoch).Order().ShouldBe(Enumerable.Range(1, 100).Select(n => (long)n));
    }

    [Fact]
    public async Task A_node_that_acquires_a_scope_makes_the_former_owners_writes_fail()
    {
        await Store.AppendAsync(Write.Events(Node, "a", 1, 1));
        var other = Open();
        var newer = await other.AcquireOwnershipAsync("node", "second");

        var fenced = await Store.AppendAsync(Write.Events(Node, "a", 2, 1)).ShouldThrowAsync<FencedException>();

        fenced.Token.ShouldBe(Node);
        fenced.CurrentEpoch.ShouldBe(newer.Epoch);
        fenced.CurrentOwner.ShouldBe("second");
        await other.AppendAsync(Write.Events(newer, "a", 2, 1));
        (await SequenceNrs("a")).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Every_kind_of_write_is_fenced()
    {
        await Store.AppendAsync(Write.Events(Node, "a", 1, 1));
        await Store.SaveSnapshotAsync(Node, new NewSnapshot("a", 1, "test/1", Write.Json("{}")));
        await Open().AcquireOwnershipAsync("node", "second");
        var blob = new Blob("t", Write.Json("x"));

        await Store.SaveSnapshotAsync(Node, new NewSnapshot("a", 1, "test/2", Write.Json("{}")))
            .ShouldThrowAsync<FencedException>();
        await Store.DeleteEventsAsync(Node, "a", 1).ShouldThrowAsync<FencedException>();
        await Store.DeleteSnapshotsAsync(Node, "a", SnapshotSelectionCriteria.Latest).ShouldThrowAsync<FencedException>();
        await Store.PutBlobsAsync(Node, [blob]).ShouldThrowAsync<FencedException>();
        await Store.AppendAsync(Write.Index(Node, Write.Entity("a", 1))).ShouldThrowAsync<FencedException>();

        (await SequenceNrs("a")).ShouldBe([1]);
        var snapshot = await Store.ReadLatestSnapshotAsync("a", SnapshotSelectionCriteria.Latest);
        snapshot.ShouldNotBeNull().Manifest.ShouldBe("test/1");
        (await Store.ReadBlobAsync("t", blob.Hash)).ShouldBeNull();
        (await Store.FindEntityAsync("session", "a")).ShouldBeNull();
    }

    [Fact]
    public async Task Writes_under_a_stale_epoch_fail_alone_and_those_beside_them_commit()
    {
        var stale = await Store.AcquireOwnershipAsync("shard", "me");
        var fresh = await Store.AcquireOwnershipAsync("shard", "me");

        var writes = Enumerable.Range(0, 200)
            .Select(i => Store.AppendAsync(Write.Events(i % 2 == 0 ? stale : fresh, $"p{i}", 1, 1)))
            .ToList();

        for (var i = 0; i < writes.Count; i++)
        {
            if (i % 2 == 0)
                await writes[i].ShouldThrowAsync<FencedException>();
            else
                await writes[i];
        }
    }

    [Fact]
    public async Task An_acquisition_fences_the_writes_that_were_called_after_it_but_not_those_before()
    {
        var before = Store.AppendAsync(Write.Events(Node, "a", 1, 1));
        var acquired = Store.AcquireOwnershipAsync("node", "me again");
        var after = Store.AppendAsync(Write.Events(Node, "b", 1, 1));

        await before;
        (await acquired).Epoch.ShouldBe(Node.Epoch + 1);
        await after.ShouldThrowAsync<FencedException>();
    }

    [Fact]
    public async Task A_scope_that_nobody_acquired_and_an_epoch_that_nobody_got_allow_nothing()
    {
        var unknown = await Store.AppendAsync(Write.Events(new OwnershipToken("nowhere", 1), "a", 1, 1))
            .ShouldThrowAsync<FencedException>();
        unknown.CurrentOwner.ShouldBeNull();

        await Store.AppendAsync(Write.Events(new OwnershipToken("node", Node.Epoch + 1), "a", 1, 1))
            .ShouldThrowAsync<FencedException>();
    }
}
