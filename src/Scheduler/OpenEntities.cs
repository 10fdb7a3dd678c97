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

    /// <summary>The open entities of <paramref name="kind"/>, page by page.</summary>
    public static RememberedEntities Of(IEventStore store, string kind) => async (scope, afterId) =>
    {
        var page = await store.ListOpenEntitiesAsync(kind, scope, afterId, PageRows);
        return [.. page.Select(row => row.Id)];
    };

    /// <summary>Entities that are there whenever the cluster is.</summary>
    public static RememberedEntities Always(string typeName, IMessageExtractor extractor, params string[] ids) =>
        (scope, afterId) => Task.FromResult<IReadOnlyList<string>>(afterId is not null ? [] :
        [
            .. ids.Where(id => ClusterSharding.ScopeOf(typeName, extractor.ShardId(id)) == scope)
                .Order(StringComparer.Ordinal),
        ]);
}
