using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Tests.Persistence;

public abstract partial class EventStoreContract
{
    [Fact]
    public async Task An_event_is_read_back_as_it_was_written()
    {
        var payload = """{"text":"å 漢 🚀","n":1}""";
        var ordering = await Store.AppendAsync(Write.Events(Node, "job-ä/1", 1, Write.Event(payload, "red", "blau")));

        var stored = (await Store.ReadEventsAsync("job-ä/1", 1, long.MaxValue, 10)).ShouldHaveSingleItem();
        stored.Ordering.ShouldBe(ordering);
        stored.PersistenceId.ShouldBe("job-ä/1");
        stored.SequenceNr.ShouldBe(1);
        stored.Manifest.ShouldBe("test/1");
        Write.Text(stored.Payload).ShouldBe(payload);
        stored.Tags.ShouldBe(["red", "blau"]);
        stored.WriterEpoch.ShouldBe(Node.Epoch);
        stored.CreatedUnixMs.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Replay_gives_the_range_asked_for_in_order_over_many_pages()
    {
        await Store.AppendAsync(Write.Events(Node, "a", 1, 1500));
        await Store.AppendAsync(Write.Events(Node, "b", 1, 10));
        await Store.AppendAsync(Write.Events(Node, "a", 1501, 1500));

        (await SequenceNrs("a")).ShouldBe(Enumerable.Range(1, 3000).Select(n => (long)n));
        (await SequenceNrs("a", 1499, 1503)).ShouldBe([1499, 1500, 1501, 1502, 1503]);
        (await SequenceNrs("a", 3001)).ShouldBeEmpty();
        (await SequenceNrs("unknown")).ShouldBeEmpty();
        (await Store.ReplayAsync("a", 10, max: 3).Select(e => e.SequenceNr).ToListAsync()).ShouldBe([10, 11, 12]);
    }

    [Fact]
    public async Task A_page_of_large_events_ends_early_but_never_empty()
    {
        var large = Write.Event(new string('x', StoreLimits.MaxEventBytes));
        await Store.AppendAsync(Write.Events(Node, "a", 1, large, large, large, large));

        var page = await Store.ReadEventsAsync("a", 1, long.MaxValue, 100);

        page.Count.ShouldBeInRange(1, 3);
        (await SequenceNrs("a")).ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public async Task A_second_writer_of_the_same_sequence_number_is_refused_and_the_writes_beside_it_are_not()
    {
        await Store.AppendAsync(Write.Events(Node, "a", 1, 2));

        var before = Store.AppendAsync(Write.Events(Node, "b", 1, 1));
        var second = Store.AppendAsync(Write.Events(Node, "a", 2, 2));
        var after = Store.AppendAsync(Write.Events(Node, "c", 1, 1));

        var conflict = await second.ShouldThrowAsync<SequenceConflictException>();
        conflict.HighestSequenceNr.ShouldBe(2);
        conflict.FirstSequenceNr.ShouldBe(2);
        conflict.PersistenceId.ShouldBe("a");
        await Task.WhenAll(before, after);
        (await SequenceNrs("a")).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task A_gap_in_the_sequence_numbers_is_refused_so_that_a_failed_write_leaves_no_hole()
    {
        var refused = Store.AppendAsync(Write.Events(Node, "a", 2, 1));
        var following = Store.AppendAsync(Write.Events(Node, "a", 3, 1));

        await refused.ShouldThrowAsync<SequenceConflictException>();
        await following.ShouldThrowAsync<SequenceConflictException>();
        (await Store.ReadHighestSequenceNrAsync("a")).ShouldBe(0);
    }

    [Fact]
    public async Task A_writer_sees_at_once_what_another_node_has_written()
    {
        var other = Open();
        var otherScope = await other.AcquireOwnershipAsync("other", "second");
        await Store.AppendAsync(Write.Events(Node, "a", 1, 1));
        await other.AppendAsync(Write.Events(otherScope, "a", 2, 1));

        await Store.AppendAsync(Write.Events(Node, "a", 2, 1)).ShouldThrowAsync<SequenceConflictException>();
        await Store.AppendAsync(Write.Events(Node, "a", 3, 1));
        await other.AppendAsync(Write.Events(otherScope, "a", 3, 1)).ShouldThrowAsync<SequenceConflictException>();
        (await SequenceNrs("a")).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task A_refused_write_changes_none_of_its_parts()
    {
        var blob = new Blob("t", Write.Json("blob"));
        var write = Write.Events(Node, "a", 5, 1) with { IndexEntry = Write.Entity("a", 1), Blobs = [blob] };

        await Store.AppendAsync(write).ShouldThrowAsync<SequenceConflictException>();

        (await Store.FindEntityAsync("session", "a")).ShouldBeNull();
        (await Store.ReadBlobAsync("t", blob.Hash)).ShouldBeNull();
    }

    [Fact]
    public async Task All_parts_of_a_write_are_there_once_it_is_acknowledged()
    {
        var blob = new Blob("t", Write.Json("blob"));
        var write = Write.Events(Node, "a", 1, 3) with { IndexEntry = Write.Entity("a", 1), Blobs = [blob] };

        await Store.AppendAsync(write);

        (await SequenceNrs("a")).ShouldBe([1, 2, 3]);
        (await Store.FindEntityAsync("session", "a")).ShouldNotBeNull();
        (await Store.ReadBlobAsync("t", blob.Hash)).ShouldNotBeNull();
    }

    [Fact]
    public async Task When_a_write_is_durable_everything_called_for_before_is_too()
    {
        var other = Open();
        var blob = new Blob("t", Write.Json("input"));
        var earlier = new List<Task> { Store.PutBlobsAsync(Node, [blob]) };
        for (var i = 0; i < 2000; i++)
            earlier.Add(Store.AppendAsync(Write.Events(Node, $"a{i}", 1, 1)));

        await Store.AppendAsync(Write.Events(Node, "last", 1, 1));

        earlier.ShouldAllBe(task => task.IsCompletedSuccessfully);
        (await other.ReadBlobAsync("t", blob.Hash)).ShouldNotBeNull();
        (await other.ReadHighestSequenceNrAsync("a0")).ShouldBe(1);
        (await other.ReadHighestSequenceNrAsync("a1999")).ShouldBe(1);
    }

    [Fact]
    public async Task Concurrent_writers_each_get_their_own_events_in_order()
    {
        async Task WriteAll(int writer)
        {
            for (var n = 1; n <= 40; n++)
                await Store.AppendAsync(Write.Events(Node, $"writer-{writer}", n, 1));
        }

        await Task.WhenAll(Enumerable.Range(0, 50).Select(WriteAll));

        for (var writer = 0; writer < 50; writer++)
            (await SequenceNrs($"writer-{writer}")).ShouldBe(Enumerable.Range(1, 40).Select(n => (long)n));
    }

    [Theory]
    [MemberData(nameof(BadWrites))]
    public async Task A_write_that_breaks_a_bound_is_refused_with_the_reason(string reason, AtomicWrite write)
    {
        var refusal = await Should.ThrowAsync<ArgumentException>(
            () => Store.AppendAsync(write with { Ownership = Node }));

        refusal.Message.ShouldContain(reason);
    }

    public static TheoryData<string, AtomicWrite> BadWrites()
    {
        var node = new OwnershipToken("node", 1);
        var long513 = new string('x', 513);
        var good = Write.Event();
        return new TheoryData<string, AtomicWrite>
        {
            { "events, an index entry or blobs", new AtomicWrite { Ownership = node } },
            { "persistence id must have 1 to 512", Write.Events(node, "", 1, good) },
            { "found 513 characters", Write.Events(node, long513, 1, good) },
            { "start at 1; found 0", Write.Events(node, "a", 0, good) },
            { "manifest must have", Write.Events(node, "a", 1, good with { Manifest = "" }) },
            { "at most 4,194,304 bytes", Write.Events(node, "a", 1, Write.Event(new string('x', (4 << 20) + 1))) },
            { "';'", Write.Events(node, "a", 1, Write.Event("{}", "a;b")) },
            { "hold 10,000 events", Write.Events(node, "a", 1, [.. Enumerable.Repeat(good, 10_001)]) },
            { "kind", Write.Index(node, Write.Entity("a", 1) with { Kind = "" }) },
            { "65,536", Write.Index(node, Write.Entity("a", 1) with { Data = new byte[65_537] }) },
        };
    }

    [Fact]
    public async Task A_call_that_was_cancelled_before_writes_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(
            () => Store.AppendAsync(Write.Events(Node, "a", 1, 1), cancelled.Token));

        (await Store.ReadHighestSequenceNrAsync("a")).ShouldBe(0);
    }
}
