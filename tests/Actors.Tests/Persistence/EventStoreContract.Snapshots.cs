using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Tests.Persistence;

public abstract partial class EventStoreContract
{
    [Fact]
    public async Task The_latest_snapshot_is_the_one_of_the_highest_sequence_number_within_the_criteria()
    {
        foreach (var n in new[] { 10, 30, 20 })
            await Store.SaveSnapshotAsync(Node, new NewSnapshot("a", n, "state/2", Write.Json($"{n}")));

        var latest = (await Store.ReadLatestSnapshotAsync("a", SnapshotSelectionCriteria.Latest)).ShouldNotBeNull();
        latest.SequenceNr.ShouldBe(30);
        latest.Manifest.ShouldBe("state/2");
        latest.WriterEpoch.ShouldBe(Node.Epoch);
        Write.Text(latest.Payload).ShouldBe("30");

        (await Latest("a", new SnapshotSelectionCriteria(29))).ShouldBe(20);
        (await Latest("a", new SnapshotSelectionCriteria(9))).ShouldBeNull();
        (await Latest("a", SnapshotSelectionCriteria.None)).ShouldBeNull();
        (await Latest("b", SnapshotSelectionCriteria.Latest)).ShouldBeNull();
        var saved = DateTimeOffset.FromUnixTimeMilliseconds(latest.CreatedUnixMs);
        (await Latest("a", new SnapshotSelectionCriteria(long.MaxValue, saved.AddDays(-1)))).ShouldBeNull();
        (await Latest("a", new SnapshotSelectionCriteria(20, saved.AddDays(1), 0, saved.AddDays(-1)))).ShouldBe(20);
    }

    [Fact]
    public async Task A_snapshot_of_the_same_sequence_number_is_replaced()
    {
        await Store.SaveSnapshotAsync(Node, new NewSnapshot("a", 10, "state/1", Write.Json("1")));
        await Store.SaveSnapshotAsync(Node, new NewSnapshot("a", 10, "state/2", Write.Json("2")));

        var latest = (await Store.ReadLatestSnapshotAsync("a", SnapshotSelectionCriteria.Latest)).ShouldNotBeNull();
        latest.Manifest.ShouldBe("state/2");
        Write.Text(latest.Payload).ShouldBe("2");
    }

    [Fact]
    public async Task Deleting_snapshots_removes_those_that_match_and_no_others()
    {
        foreach (var n in new[] { 10, 20, 30 })
            await Store.SaveSnapshotAsync(Node, new NewSnapshot("a", n, "state/1", Write.Json("{}")));
        await Store.SaveSnapshotAsync(Node, new NewSnapshot("b", 10, "state/1", Write.Json("{}")));

        await Store.DeleteSnapshotsAsync(Node, "a", new SnapshotSelectionCriteria(20));

        (await Latest("a", new SnapshotSelectionCriteria(29))).ShouldBeNull();
        (await Latest("a", SnapshotSelectionCriteria.Latest)).ShouldBe(30);
        (await Latest("b", SnapshotSelectionCriteria.Latest)).ShouldBe(10);
    }

    [Fact]
    public async Task Deleted_events_are_gone_but_their_numbers_are_never_given_again()
    {
        await Store.AppendAsync(Write.Events(Node, "a", 1, 5));
        await Store.AppendAsync(Write.Events(Node, "b", 1, 5));

        await Store.DeleteEventsAsync(Node, "a", 3);
        (await SequenceNrs("a")).ShouldBe([4, 5]);

        await Store.DeleteEventsAsync(Node, "a", long.MaxValue);
        (await SequenceNrs("a")).ShouldBeEmpty();
        (await Store.ReadHighestSequenceNrAsync("a")).ShouldBe(5);
        await Store.AppendAsync(Write.Events(Node, "a", 3, 1)).ShouldThrowAsync<SequenceConflictException>();
        await Store.AppendAsync(Write.Events(Node, "a", 6, 1));
        (await SequenceNrs("a")).ShouldBe([6]);
        (await SequenceNrs("b")).ShouldBe([1, 2, 3, 4, 5]);
    }

    [Fact]
    public async Task Very_many_events_are_deleted_completely()
    {
        await Store.AppendAsync(Write.Events(Node, "a", 1, 9_000));

        await Store.DeleteEventsAsync(Node, "a", 8_999);

        (await SequenceNrs("a")).ShouldBe([9_000]);
    }

    private async Task<long?> Latest(string persistenceId, SnapshotSelectionCriteria criteria) =>
        (await Store.ReadLatestSnapshotAsync(persistenceId, criteria))?.SequenceNr;
}
