using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Tests.Persistence;

namespace GpuActors.Actors.Tests.Cluster.Store;

public abstract partial class ClusterStoreContract
{
    [Fact]
    public async Task A_free_scope_is_claimed_once_and_its_owner_gets_the_same_token_again()
    {
        await UpMember("a");
        await UpMember("b");

        var tokens = await Store.ClaimAsync("a", ["s1", "s2", "s1"]);

        tokens.ShouldBe([new OwnershipToken("s1", 1), new OwnershipToken("s2", 1)]);
        (await Store.ClaimAsync("a", ["s2", "s3"])).ShouldBe([new OwnershipToken("s2", 1), new OwnershipToken("s3", 1)]);
        (await Other.ClaimAsync("b", ["s1", "s2", "s3"])).ShouldBeEmpty("the owner is alive");
        (await Other.ReadOwnershipAsync("s1")).ShouldNotBeNull().Owner.ShouldBe("a");
    }

    [Fact]
    public async Task Only_a_member_that_is_up_gets_something_new()
    {
        await Store.JoinAsync(Member("a"), Long);
        (await Store.ClaimAsync("a", ["s1"])).ShouldBeEmpty("joining");

        await Store.SetStatusAsync("a", MemberStatus.Up);
        var token = await Claim(Store, "a", "s1");
        await Store.SetStatusAsync("a", MemberStatus.Leaving);
        (await Store.ClaimAsync("a", ["s1", "s2"])).ShouldBe([token], "leaving keeps what it has");
        await Store.AppendAsync(Write.Events(token, "p", 1, 1));

        await Store.SetStatusAsync("a", MemberStatus.Down);
        await Store.ClaimAsync("a", ["s1"]).ShouldThrowAsync<MemberDownException>();
        await Store.ClaimAsync("nobody", ["s1"]).ShouldThrowAsync<MemberDownException>();
    }

    [Fact]
    public async Task A_member_whose_own_lease_has_run_out_can_not_claim()
    {
        await UpMember("a");
        await LetLeaseRunOut("a");

        await Store.ClaimAsync("a", ["s1"]).ShouldThrowAsync<MemberDownException>();

        (await Store.ReadOwnershipAsync("s1")).ShouldBeNull();
    }

    [Fact]
    public async Task What_a_member_with_an_expired_lease_held_is_taken_and_all_of_its_writes_are_refused()
    {
        await UpMember("a");
        var old = await Store.ClaimAsync("a", ["s1", "s2"]);
        await Store.AppendAsync(Write.Events(old[0], "p", 1, 1));
        await UpMember("b");
        await LetLeaseRunOut("a");
        var known = (await Other.ReadClusterAsync(0)).Version;

        var taken = await Claim(Other, "b", "s1");

        taken.ShouldBe(new OwnershipToken("s1", 2));
        await Store.AppendAsync(Write.Events(old[0], "p", 2, 1)).ShouldThrowAsync<FencedException>();
        await Store.AppendAsync(Write.Events(old[1], "q", 1, 1)).ShouldThrowAsync<FencedException>();
        await Other.AppendAsync(Write.Events(taken, "p", 2, 1));
        var view = await Other.ReadClusterAsync(known);
        view.Members.Select(member => member.Status).ShouldBe([MemberStatus.Down, MemberStatus.Up]);
        view.ChangedScopes.OrderBy(scope => scope.Token.Scope).ShouldBe(
            [new ScopeRow(taken, "b"), new ScopeRow(old[1], null)]);
    }

    [Fact]
    public async Task Every_kind_of_write_under_a_scope_that_was_lost_is_refused()
    {
        await UpMember("a");
        var token = await Claim(Store, "a", "shard");
        await Store.AppendAsync(Write.Events(token, "p", 1, 1));
        var upload = Guid.NewGuid();
        await Store.PutBlobPartAsync(token, "t", upload, 0, Write.Json("x"));
        await Other.SetStatusAsync("a", MemberStatus.Down);
        var blob = new Blob("t", Write.Json("x"));

        var fenced = await Store.AppendAsync(Write.Events(token, "p", 2, 1)).ShouldThrowAsync<FencedException>();
        fenced.CurrentOwner.ShouldBeNull();
        fenced.CurrentEpoch.ShouldBe(1);
        fenced.Message.ShouldContain("free");
        await Store.AppendAsync(Write.Index(token, Write.Entity("p", 1))).ShouldThrowAsync<FencedException>();
        await Store.SaveSnapshotAsync(token, new NewSnapshot("p", 1, "m", Write.Json("{}"))).ShouldThrowAsync<FencedException>();
        await Store.DeleteEventsAsync(token, "p", 1).ShouldThrowAsync<FencedException>();
        await Store.DeleteSnapshotsAsync(token, "p", SnapshotSelectionCriteria.Latest).ShouldThrowAsync<FencedException>();
        await Store.PutBlobsAsync(token, [blob]).ShouldThrowAsync<FencedException>();
        await Store.PutBlobPartAsync(token, "t", upload, 0, Write.Json("x")).ShouldThrowAsync<FencedException>();
        await Store.CompleteBlobAsync(token, "t", upload, blob.Hash, 1).ShouldThrowAsync<FencedException>();

        (await Store.ReadHighestSequenceNrAsync("p")).ShouldBe(1);
        (await Store.ReadBlobInfoAsync("t", blob.Hash)).ShouldBeNull();
    }

    [Fact]
    public async Task A_released_scope_is_free_keeps_its_epoch_and_accepts_no_write_until_it_is_claimed()
    {
        await UpMember("a");
        await UpMember("b");
        var token = await Claim(Store, "a", "shard");

        await Store.ReleaseAsync("b", [token]);
        (await Store.ReadOwnershipAsync("shard")).ShouldNotBeNull().Owner.ShouldBe("a", "b doesn't own it");
        await Store.ReleaseAsync("a", [token with { Epoch = 7 }, new OwnershipToken("unknown", 1)]);
        (await Store.ReadOwnershipAsync("shard")).ShouldNotBeNull().Owner.ShouldBe("a", "the token is not current");
        await Store.ReleaseAsync("a", [token]);

        var free = (await Other.ReadOwnershipAsync("shard")).ShouldNotBeNull();
        free.Owner.ShouldBeNull();
        free.Token.ShouldBe(token);
        await Store.AppendAsync(Write.Events(token, "p", 1, 1)).ShouldThrowAsync<FencedException>();
        (await Claim(Other, "b", "shard")).Epoch.ShouldBe(2);
        await Store.ReleaseAsync("a", [token]);
        (await Other.ReadOwnershipAsync("shard")).ShouldNotBeNull().Owner.ShouldBe("b");
    }

    [Fact]
    public async Task A_view_holds_the_scopes_that_changed_behind_the_version_that_the_caller_knew()
    {
        await UpMember("a");
        await Store.ClaimAsync("a", ["s1", "s2", "s3"]);
        var first = await Store.RenewAsync("a", Long, 0);
        first.ChangedScopes.Select(scope => scope.Token.Scope).Order().ShouldBe(["s1", "s2", "s3"]);

        await Store.ReleaseAsync("a", [new OwnershipToken("s2", 1)]);

        var second = await Store.RenewAsync("a", Long, first.Version);
        second.Version.ShouldBeGreaterThan(first.Version);
        second.ChangedScopes.ShouldBe([new ScopeRow(new OwnershipToken("s2", 1), null)]);
        (await Other.ReadClusterAsync(second.Version)).ChangedScopes.ShouldBeEmpty();
        await Store.SetStatusAsync("a", MemberStatus.Removed);
        var last = await Other.ReadClusterAsync(second.Version);
        last.Members.ShouldBeEmpty();
        last.ChangedScopes.Select(scope => (scope.Token.Scope, scope.OwnerId)).OrderBy(scope => scope.Scope)
            .ShouldBe([("s1", null), ("s3", null)]);
    }

    [Fact]
    public async Task Acquiring_a_scope_without_being_a_member_is_seen_and_a_member_can_claim_it()
    {
        await UpMember("a");
        var token = await Other.AcquireOwnershipAsync("node", "somebody");
        await Other.AppendAsync(Write.Events(token, "p", 1, 1));
        (await Store.ReadClusterAsync(0)).ChangedScopes.ShouldContain(new ScopeRow(token, "somebody"));

        (await Claim(Store, "a", "node")).Epoch.ShouldBe(2);

        await Other.AppendAsync(Write.Events(token, "p", 2, 1)).ShouldThrowAsync<FencedException>();
    }
}
