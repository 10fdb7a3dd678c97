using System.Globalization;

namespace GpuActors.Actors.Tests.Cluster;

/// <summary>A cluster whose nodes are paused, cut off and killed by turns while they are asked to write.</summary>
public sealed class ClusterChaosTests
{
    private const int Entities = 20;
    private const int Rounds = 12;

    private readonly Dictionary<string, List<int>> _acknowledged = new(StringComparer.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void What_was_acknowledged_is_there_once_and_no_entity_runs_twice(long seed)
    {
        using var world = new ClusterWorld(seed);
        foreach (var name in new[] { "a", "b", "c" })
        {
            world.Add(name, isPersistent: true);
        }

        world.AwaitBalance();
        for (var round = 0; round < Rounds; round++)
        {
            var victim = world.Nodes[1 + world.Runtime.Random.Next(2)];
            var (disturb, undo) = Fault(world, victim);
            disturb();
            AskAll(world, round);
            world.Runtime.Advance(TimeSpan.FromSeconds(1 + (4 * world.Runtime.Random.NextDouble())));
            undo();
            world.Runtime.Advance(TimeSpan.FromSeconds(3 * world.Runtime.Random.NextDouble()));
        }

        world.Runtime.Advance(TimeSpan.FromSeconds(10));
        world.AwaitBalance();
        Check(world);
    }

    private static (Action Disturb, Action Undo) Fault(ClusterWorld world, ClusterNode victim) =>
        world.Runtime.Random.Next(4) switch
        {
            0 => (victim.Pause, victim.Resume),
            1 => (() => world.CutFromStore.Add(victim.Name), world.CutFromStore.Clear),
            2 => (() => world.Network.Separate("a", victim.Name), world.Network.Heal),
            _ => (victim.Kill, () => Replace(world, victim)),
        };

    private static void Replace(ClusterWorld world, ClusterNode dead)
    {
        world.Nodes.Remove(dead);
        world.Add(dead.Name, isPersistent: true);
    }

    private void AskAll(ClusterWorld world, int round)
    {
        for (var i = 0; i < Entities; i++)
        {
            var id = "e" + i.ToString(CultureInfo.InvariantCulture);
            var number = (round * 100) + i;
            _ = world.Nodes[0].Region.Ask<Noted>(new Note(id, number), TimeSpan.FromSeconds(8)).ContinueWith(
                _ => Acknowledge(id, number),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    private void Acknowledge(string id, int number)
    {
        if (!_acknowledged.TryGetValue(id, out var numbers))
        {
            _acknowledged[id] = numbers = [];
        }

        numbers.Add(number);
    }

    private void Check(ClusterWorld world)
    {
        _acknowledged.Values.Sum(numbers => numbers.Count).ShouldBeGreaterThan(Entities * Rounds / 2);
        foreach (var (id, numbers) in _acknowledged)
        {
            var stored = world.Nodes[0].Ask(id, -1).Numbers;
            numbers.ShouldBeSubsetOf(stored);
            stored.Where(number => number >= 0).ShouldBeUnique();
        }

        world.Doubles.ShouldBeEmpty();
    }
}
