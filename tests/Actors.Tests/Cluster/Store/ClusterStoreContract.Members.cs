using GpuActors.Actors.Cluster.Store;

namespace GpuActors.Actors.Tests.Cluster.Store;

public abstract partial class ClusterStoreContract
{
    [Fact]
    public async Task A_member_that_joins_is_seen_by_all_with_everything_that_it_told()
    {
        var before = await Other.ReadClusterAsync(0);
        var view = await Store.JoinAsync(Member("a") with { HttpAddress = null }, Long);

        var mine = view.Members.ShouldHaveSingleItem();
        mine.Status.ShouldBe(MemberStatus.Joining);
        mine.LeaseLeft.ShouldBeInRange(Long - TimeSpan.FromMinutes(1), Long);
        var seen = (await Other.ReadClusterAsync(0)).Members.ShouldHaveSingleItem();
        seen.Member.Id.ShouldBe("a");
        seen.Member.Address.ShouldBe("sys@a:1");
        seen.Member.HttpAddress.ShouldBeNull();
        seen.Member.Roles.ShouldBe(["scheduler", "api"]);
        seen.Member.AppVersion.ShouldBe("1.2.3");
        seen.JoinedAt.ShouldBeInRange(DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
        view.Version.ShouldBeGreaterThan(before.Version);
    }

    [Fact]
    public async Task Members_are_listed_from_the_oldest_to_the_youngest_and_numbers_are_never_given_again()
    {
        foreach (var id in new[] { "c", "a", "b" })
            await Store.JoinAsync(Member(id), Long);
        await Store.SetStatusAsync("b", MemberStatus.Removed);
        await Other.JoinAsync(Member("d"), Long);

        var members = (await Store.ReadClusterAsync(0)).Members;
        members.Select(member => member.Member.Id).ShouldBe(["c", "a", "d"]);
        members[2].Number.ShouldBeGreaterThan(members[1].Number + 1);
    }

    [Fact]
    public async Task A_renewal_extends_the_lease_and_changes_no_version()
    {
        await Store.JoinAsync(Member("a"), TimeSpan.FromMinutes(1));
        var before = await Store.ReadClusterAsync(0);

        var view = await Store.RenewAsync("a", Long, before.Version);

        view.Version.ShouldBe(before.Version);
        view.Members.ShouldHaveSingleItem().LeaseLeft.ShouldBeGreaterThan(TimeSpan.FromMinutes(50));
        (await Find("a")).ShouldNotBeNull().LeaseLeft.ShouldBeGreaterThan(TimeSpan.FromMinutes(50));
    }

    [Fact]
    public async Task A_lease_that_has_run_out_can_be_renewed_until_somebody_takes_something()
    {
        await UpMember("a");
        await LetLeaseRunOut("a");
        (await Store.RenewAsync("a", Long, 0)).Members[0].Status.ShouldBe(MemberStatus.Up);

        await Claim(Store, "a", "shard");
        await LetLeaseRunOut("a");
        await UpMember("b");
        await Claim(Other, "b", "shard");

        await Store.RenewAsync("a", Long, 0).ShouldThrowAsync<MemberDownException>();
        (await Find("a")).ShouldNotBeNull().Status.ShouldBe(MemberStatus.Down);
    }

    [Fact]
    public async Task A_member_of_the_same_address_sets_the_former_one_down()
    {
        await UpMember("old");
        await UpMember("bystander");
        var token = await Claim(Store, "old", "shard");

        var view = await Other.JoinAsync(Member("new", "sys@old:1"), Long);

        view.Members.Select(member => (member.Member.Id, member.Status)).ShouldBe(
            [("old", MemberStatus.Down), ("bystander", MemberStatus.Up), ("new", MemberStatus.Joining)]);
        view.ChangedScopes.ShouldHaveSingleItem().ShouldBe(new ScopeRow(token, null));
        await Store.RenewAsync("old", Long, 0).ShouldThrowAsync<MemberDownException>();
    }

    [Fact]
    public async Task Joining_again_after_an_unknown_outcome_changes_nothing_but_the_lease()
    {
        await UpMember("a");
        var before = await Store.ReadClusterAsync(0);

        var view = await Store.JoinAsync(Member("a"), Long);

        view.Version.ShouldBe(before.Version);
        view.Members.ShouldHaveSingleItem().Status.ShouldBe(MemberStatus.Up);
        await Store.SetStatusAsync("a", MemberStatus.Down);
        await Store.JoinAsync(Member("a"), Long).ShouldThrowAsync<MemberDownException>();
    }

    [Fact]
    public async Task A_status_never_goes_back()
    {
        await Store.JoinAsync(Member("a"), Long);
        MemberStatus[] life = [MemberStatus.Joining, MemberStatus.Up, MemberStatus.Leaving, MemberStatus.Down];
        foreach (var status in life)
        {
            (await Store.SetStatusAsync("a", status)).ShouldBeTrue();
            var version = (await Store.ReadClusterAsync(0)).Version;
            (await Other.SetStatusAsync("a", status)).ShouldBeTrue("setting it again changes nothing");
            (await Store.ReadClusterAsync(0)).Version.ShouldBe(version);
            foreach (var earlier in life.Where(earlier => earlier < status))
                (await Other.SetStatusAsync("a", earlier)).ShouldBeFalse($"{status} to {earlier}");
            (await Find("a")).ShouldNotBeNull().Status.ShouldBe(status);
        }

        (await Store.SetStatusAsync("a", MemberStatus.Removed)).ShouldBeTrue();
        (await Find("a")).ShouldBeNull();
        (await Store.SetStatusAsync("a", MemberStatus.Up)).ShouldBeFalse();
        (await Store.SetStatusAsync("nobody", MemberStatus.Up)).ShouldBeFalse();
        await Store.RenewAsync("a", Long, 0).ShouldThrowAsync<MemberDownException>();
    }

    [Fact]
    public async Task Bad_input_is_refused_with_the_reason_and_changes_nothing()
    {
        (await Should.ThrowAsync<ArgumentException>(() => Store.JoinAsync(Member(""), Long)))
            .Message.ShouldContain("member's id");
        (await Should.ThrowAsync<ArgumentException>(() => Store.JoinAsync(Member("a"), TimeSpan.Zero)))
            .Message.ShouldContain("lease must be longer than 0");
        (await Should.ThrowAsync<ArgumentException>(
            () => Store.JoinAsync(Member("a") with { Roles = ["a;b"] }, Long))).Message.ShouldContain("';'");
        (await Should.ThrowAsync<ArgumentException>(() => Store.ClaimAsync("a", [""])))
            .Message.ShouldContain("scope must have");

        (await Store.ReadClusterAsync(0)).Members.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_node_is_told_when_another_one_changes_the_cluster()
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = Other.OnChanged(() => changed.TrySetResult());

        // It is a hint that may be missed, so the change is repeated until one arrives.
        for (var i = 0; !changed.Task.IsCompleted && i < 600; i++)
        {
            await Store.JoinAsync(Member($"m{i}"), Long);
            await Task.WhenAny(changed.Task, Task.Delay(50));
        }

        changed.Task.IsCompleted.ShouldBeTrue("600 changes were not told");
    }
}
