using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Scheduler;

/// <summary>
/// Which entities a shard starts when it gets a new owner: those that the index shows as open, because they still have
/// something to do.
/// </summary>
internal static class OpenEntities
{
    private const int PageRows = 1000;

    /// <summary>The open entities of <paramref name="kinds"/>, page by page.</summary>
    public static RememberedEntities Of(IEventStore store, params string[] kinds) => async (scope, afterId) =>
    {
        var ids = new List<string>();
        foreach (var kind in kinds)
        {
            ids.AddRange((await store.ListOpenEntitiesAsync(kind, scope, afterId, PageRows)).Select(row => row.Id));
        }

        // Each kind's page goes at least so far, so what comes first of all of them leaves nothing out.
        return [.. ids.Order(StringComparer.Ordinal).Take(PageRows)];
    };

    /// <summary>Entities that are there whenever the cluster is.</summary>
    public static RememberedEntities Always(string typeName, IMessageExtractor extractor, params string[] ids) =>
        (scope, afterId) => Task.FromResult<IReadOnlyList<string>>(afterId is not null ? [] :
        [
            .. ids.Where(id => ClusterSharding.ScopeOf(typeName, extractor.ShardId(id)) == scope)
                .Order(StringComparer.Ordinal),
        ]);
}
