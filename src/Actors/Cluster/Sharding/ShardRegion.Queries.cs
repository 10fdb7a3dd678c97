namespace GpuActors.Actors.Cluster.Sharding;

/// <summary>What operators ask.</summary>
public sealed partial class ShardRegion
{
    private static readonly TimeSpan ShardAnswerTimeout = TimeSpan.FromSeconds(3);

    private void OnQuery(object message)
    {
        switch (message)
        {
            case GetShardRegionState:
                _ = ShardStates().PipeTo(Sender, Self, states => new CurrentShardRegionState(states));
                break;
            case GetShardRegionStats:
                _ = ShardStates().PipeTo(Sender, Self, states => new ShardRegionStats(
                    states.ToDictionary(state => state.ShardId, state => state.EntityIds.Count)));
                break;
            case GetClusterShardingStats query:
                _ = ClusterStats(query.Timeout).PipeTo(Sender, Self);
                break;
            case GetCurrentRegions:
                Sender.Tell(new CurrentRegions(Regions()), Self);
                break;
            case GetEntityLocation query:
                Sender.Tell(Locate(query.EntityId), Self);
                break;
        }
    }

    private Address[] Regions() =>
        [.. _cluster.Members.Where(m => m.IsLiving && m.HasRole(Settings.Role)).Select(m => m.Address)];

    private EntityLocation Locate(string entityId)
    {
        var entry = EntryOf(_spec.Extractor.ShardId(entityId));
        return new EntityLocation(entityId, entry.Id, AddressOf(entry));
    }

    private Task<IReadOnlyList<ShardState>> ShardStates()
    {
        var asked = _shards.Values
            .Where(entry => entry.Shard is not null)
            .Select(entry => entry.Shard!.Ask<ShardState>(GetShardState.Instance, ShardAnswerTimeout))
            .ToArray();
        return WhoAnswered(asked);
    }

    private Task<ClusterShardingStats> ClusterStats(TimeSpan timeout)
    {
        var regions = Regions();
        var asked = regions.Select(async address =>
        {
            var region = address == _membership.SelfAddress ? Self : RegionAt(address).Ref;
            return (Address: address, Stats: await region.Ask<ShardRegionStats>(new GetShardRegionStats(), timeout));
        }).ToArray();
        return WhoAnswered(asked).Then(done => new ClusterShardingStats(
            done.ResultOrThrow().ToDictionary(answer => answer.Address, answer => answer.Stats)));
    }

    private static Task<IReadOnlyList<T>> WhoAnswered<T>(Task<T>[] asked) =>
        Task.WhenAll(asked).Then<T[], IReadOnlyList<T>>(
            _ => [.. asked.Where(task => task.IsCompletedSuccessfully).Select(task => task.ResultOrThrow())]);
}
