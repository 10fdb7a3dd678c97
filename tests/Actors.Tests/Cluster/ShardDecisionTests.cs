using GpuActors.Actors.Cluster.Sharding;

namespace GpuActors.Actors.Tests.Cluster;

/// <summary>A model of many regions and one store, in which every interleaving of steps is tried by chance.</summary>
public sealed class ShardDecisionTests
{
    private static readonly string[] Nodes = ["a", "b", "c"];

    [Fact]
    public void No_shard_runs_under_a_valid_right_on_two_nodes_and_in_the_end_the_heir_has_it() =>
        Prop.ForAll(Steps(), steps =>
        {
            var model = new Model();
            foreach (var (node, action) in steps)
            {
                model.Do(Nodes[node], action);
                model.RunningWithRight().ShouldBeLessThanOrEqualTo(1);
            }

            model.Settle();
            model.Owner.ShouldBe(model.Heir);
            model.RunningWithRight().ShouldBe(1);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(nameof(ShardHold.HandingOver))]
    [InlineData(nameof(ShardHold.Releasing))]
    [InlineData(nameof(ShardHold.Claiming))]
    [InlineData(nameof(ShardHold.Suspended))]
    public void Messages_are_kept_while_a_shard_changes_hands(string hold) => ShardDecision
        .RouteOf(new ShardFacts(Enum.Parse<ShardHold>(hold), "b", true, "b"), "a").ShouldBe(ShardRoute.Keep);

    [Fact]
    public void A_shard_of_a_living_owner_is_not_claimed() => ShardDecision
        .Next(new ShardFacts(ShardHold.None, "b", true, "a"), "a", false).ShouldBe(ShardStep.Nothing);

    [Fact]
    public void A_shard_of_a_dead_owner_is_claimed_by_its_heir() => ShardDecision
        .Next(new ShardFacts(ShardHold.None, "b", false, "a"), "a", false).ShouldBe(ShardStep.Claim);

    [Fact]
    public void Who_leaves_hands_over_also_without_an_heir() => ShardDecision
        .Next(new ShardFacts(ShardHold.Running, "a", true, null), "a", true).ShouldBe(ShardStep.HandOver);

    private static Arbitrary<(int Node, int Action)[]> Steps() =>
        (from node in Gen.Choose(0, Nodes.Length - 1)
         from action in Gen.Choose(0, 3)
         select (node, action)).ArrayOf().ToArbitrary();

    /// <summary>One shard; each node has a view that may be old.</summary>
    private sealed class Model
    {
        private readonly Dictionary<string, (ShardHold Hold, long Epoch, string? SeenOwner, string? SeenHeir)> _nodes =
            Nodes.ToDictionary(node => node, _ => (ShardHold.None, 0L, (string?)null, (string?)null));
        private long _epoch;

        public string? Owner { get; private set; }

        public string Heir { get; private set; } = "a";

        public int RunningWithRight() => _nodes.Count(node =>
            node.Value.Hold == ShardHold.Running && node.Value.Epoch == _epoch && Owner == node.Key);

        public void Do(string name, int action)
        {
            var node = _nodes[name];
            switch (action)
            {
                case 0: // it reads the store
                    _nodes[name] = node with { SeenOwner = Owner, SeenHeir = Heir };
                    break;
                case 1: // it acts on what it has read
                    _nodes[name] = Act(name, node);
                    break;
                case 2: // members come and go
                    Heir = name;
                    break;
                case 3 when Owner == name: // its lease runs out, and somebody claims
                    Owner = null;
                    break;
            }
        }

        public void Settle()
        {
            for (var i = 0; i < 20; i++)
            {
                foreach (var name in Nodes)
                {
                    Do(name, 0);
                    Do(name, 1);
                }
            }
        }

        private (ShardHold, long, string?, string?) Act(
            string name, (ShardHold Hold, long Epoch, string? SeenOwner, string? SeenHeir) node)
        {
            var facts = new ShardFacts(node.Hold, node.SeenOwner, node.SeenOwner is not null, node.SeenHeir);
            switch (ShardDecision.Next(facts, name, isLeaving: false))
            {
                case ShardStep.Claim when Owner is null || Owner == name:
                    _epoch += Owner == name ? 0 : 1;
                    Owner = name;
                    return (ShardHold.Running, _epoch, name, node.SeenHeir);
                case ShardStep.HandOver or ShardStep.Release:
                    if (Owner == name && (node.Hold == ShardHold.None || node.Epoch == _epoch))
                    {
                        Owner = null;
                    }

                    return (ShardHold.None, 0, null, node.SeenHeir);
                case ShardStep.Drop:
                    return (ShardHold.None, 0, node.SeenOwner, node.SeenHeir);
                default:
                    return node;
            }
        }
    }
}
