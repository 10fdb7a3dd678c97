using System.Globalization;
using GpuActors.Actors.Cluster;
using GpuActors.Actors.Cluster.Store;

namespace GpuActors.Actors.Tests.Cluster;

public sealed class RendezvousHashTests
{
    private const int Keys = 1000;

    [Fact]
    public void When_a_member_comes_only_the_keys_that_it_wins_move() => Prop.ForAll(Sizes(), count =>
    {
        var before = Members(count);
        var after = Members(count + 1);
        foreach (var key in AllKeys())
        {
            var (old, now) = (RendezvousHash.OwnerOf(key, before)!, RendezvousHash.OwnerOf(key, after)!);
            (now.Id == old.Id || now.Id == after[^1].Id).ShouldBeTrue();
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void When_a_member_goes_only_its_keys_move() => Prop.ForAll(Sizes(), count =>
    {
        var before = Members(count + 1);
        var after = before[..count];
        foreach (var key in AllKeys())
        {
            var old = RendezvousHash.OwnerOf(key, before)!;
            if (old.Id != before[^1].Id)
            {
                RendezvousHash.OwnerOf(key, after)!.Id.ShouldBe(old.Id);
            }
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void All_nodes_with_the_same_members_agree_whatever_their_order() => Prop.ForAll(Sizes(), count =>
    {
        var members = Members(count);
        var reversed = Enumerable.Reverse(members).ToArray();
        foreach (var key in AllKeys())
        {
            RendezvousHash.OwnerOf(key, members)!.Id.ShouldBe(RendezvousHash.OwnerOf(key, reversed)!.Id);
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Keys_spread_evenly()
    {
        var members = Members(5);
        var shares = AllKeys().CountBy(key => RendezvousHash.OwnerOf(key, members)!.Id).ToArray();
        shares.Length.ShouldBe(5);
        shares.ShouldAllBe(share => share.Value > Keys / 5 * 0.7 && share.Value < Keys / 5 * 1.3);
    }

    [Fact]
    public void Nobody_owns_anything_in_an_empty_cluster() => RendezvousHash.OwnerOf("a", []).ShouldBeNull();

    internal static Member[] Members(int count) => [.. Enumerable.Range(1, count).Select(number => new Member(
        $"m{number}", new Address("cluster", $"10.0.0.{number}", 4053), MemberStatus.Up, [], "1", null, number,
        DateTimeOffset.UnixEpoch, IsReachable: true))];

    private static Arbitrary<int> Sizes() => Gen.Choose(1, 20).ToArbitrary();

    private static IEnumerable<string> AllKeys() =>
        Enumerable.Range(0, Keys).Select(i => "shard/entities/" + i.ToString(CultureInfo.InvariantCulture));
}
