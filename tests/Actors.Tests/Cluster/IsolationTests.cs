using System.Globalization;
using GpuActors.Actors.Cluster;
using GpuActors.Actors.Cluster.Store;

namespace GpuActors.Actors.Tests.Cluster;

/// <summary>Nodes that reach the store but not each other.</summary>
public sealed class IsolationTests : IDisposable
{
    private static readonly TimeSpan After = TimeSpan.FromSeconds(5);

    private readonly ClusterWorld _world = new();

    public void Dispose() => _world.Dispose();

    // Names are in the order of age; the last column tells who yields: at first, and when it lasts twice as long.
    [Theory]
    [InlineData("ab", "", "", "")]
    [InlineData("ab", "ab", "b", "b")]
    [InlineData("abc", "ab ac", "a", "abc")]
    [InlineData("abc", "ac bc", "c", "c")]
    [InlineData("abc", "ab", "", "b")]
    [InlineData("abc", "ab ac bc", "abc", "abc")]
    [InlineData("abcd", "ac ad bc bd", "cd", "cd")]
    [InlineData("abcd", "ab ac bd cd", "bc", "bcd")]
    [InlineData("abcde", "ac ad ae bc bd be", "ab", "abcde")]
    public void The_smaller_part_makes_way_or_that_without_the_oldest(
        string nodes, string separated, string atFirst, string later)
    {
        var members = nodes.Select((name, i) => Member($"{name}", i)).ToArray();
        var pairs = separated.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Yielding(After).ShouldBe(atFirst);
        Yielding(2 * After).ShouldBe(later);
        Yielding(After - TimeSpan.FromMilliseconds(1)).ShouldBeEmpty();

        string Yielding(TimeSpan lostFor) => string.Concat(members.Where(self => Isolation.MustYield(
            members,
            self.Id,
            other => pairs.Any(pair => pair.Contains(self.Id[0]) && pair.Contains(other.Id[0])) ? lostFor : default,
            After)).Select(member => member.Id));
    }

    [Theory]
    [InlineData(MemberStatus.Up, false)]
    [InlineData(MemberStatus.Leaving, true)]
    [InlineData(MemberStatus.Down, true)]
    public void Who_is_not_up_or_has_no_lease_does_not_count(MemberStatus status, bool isReachable)
    {
        var lost = Member("a", 0) with { Status = status, IsReachable = isReachable };
        Isolation.MustYield([lost, Member("b", 1)], "b", _ => TimeSpan.FromHours(1), After).ShouldBeFalse();
        Isolation.MustYield([lost, Member("b", 1)], "a", _ => TimeSpan.FromHours(1), After).ShouldBeFalse();
    }

    [Fact]
    public void A_node_that_reaches_the_store_but_no_other_node_makes_way_and_comes_back()
    {
        var nodes = _world.Start("a", "b", "c");
        var former = nodes[0].MemberId;
        var id = IdOn("a");
        nodes[1].Ask(id, 1);
        _world.Network.Separate("a", "b");
        _world.Network.Separate("a", "c");

        _world.Await(() => nodes[0].MemberId is null, "the node to make way", seconds: 8);
        _world.Owners().Values.ShouldContain(former, "it stops before others may take over");
        _world.Poll(() => nodes[1].Ask(id, 2).Node != "a", "the others to have taken over", seconds: 2);
        _world.Runtime.Advance(TimeSpan.FromMinutes(1));
        nodes[0].MemberId.ShouldBeNull("it stays out while it reaches nobody");
        _world.Owners().Values.ShouldBeSubsetOf(["b", "c"]);

        _world.Network.Heal();
        _world.AwaitBalance(30);
        nodes[0].MemberId.ShouldNotBe(former);
        _world.Doubles.ShouldBeEmpty();
    }

    [Fact]
    public void Of_two_nodes_that_do_not_reach_each_other_the_older_goes_on()
    {
        var byAge = _world.Start("a", "b").OrderBy(node => node.Cluster.SelfMember!.Number).ToArray();
        _world.Network.Separate("a", "b");
        _world.Await(() => byAge[1].MemberId is null, "the younger to make way", seconds: 8);
        _world.Runtime.Advance(TimeSpan.FromMinutes(1));
        byAge[0].Cluster.IsUp.ShouldBeTrue();
        _world.Owners().Values.Distinct().ShouldBe([byAge[0].Name]);
        _world.Network.Heal();
        _world.AwaitBalance(30);
    }

    [Fact]
    public void A_connection_that_is_lost_for_a_moment_changes_nothing()
    {
        var nodes = _world.Start("a", "b", "c");
        var members = nodes.Select(node => node.MemberId).ToArray();
        for (var i = 0; i < 5; i++)
        {
            _world.Network.Separate("a", "b");
            _world.Network.Separate("a", "c");
            _world.Runtime.Advance(After / 2);
            _world.Network.Heal();
            _world.Runtime.Advance(TimeSpan.FromSeconds(10));
        }

        nodes.Select(node => node.MemberId).ShouldBe(members);
    }

    private string IdOn(string node)
    {
        var owners = _world.Owners();
        return Enumerable.Range(0, 100).Select(i => "e" + i.ToString(CultureInfo.InvariantCulture))
            .First(id => owners["shard/entities/" + ClusterWorld.Extractor.ShardId(id)] == node);
    }

    private static Member Member(string name, int number) => new(
        name, new Address("cluster", name, 1), MemberStatus.Up, [], "1", null, number, default, IsReachable: true);
}
