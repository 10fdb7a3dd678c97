using System.Globalization;
using GpuActors.Actors;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Api;

/// <summary>Which node runs which shards. For operators.</summary>
public sealed class ShardingEndpoints(ActorSystem system)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long the nodes may take; those that have not answered by then are told of as such.</summary>
    private static readonly TimeSpan NodeTimeout = TimeSpan.FromSeconds(2);

    private ClusterSharding Sharding => ClusterSharding.Get(system);

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(ApiRoutes.Regions, (Delegate)RegionsAsync)
            .WithSummary("How many shards and entities of each kind run on which node.").Produces<ShardRegionList>();
        routes.MapGet(ApiRoutes.Shards, (Delegate)ShardsAsync)
            .WithSummary("The shards of one kind of entity.").Produces<ShardList>().ProducesProblem(404);
    }

    private async Task<IResult> RegionsAsync(HttpContext context)
    {
        Caller.Of(context).Require(TicketRole.Operator);
        var names = Sharding.ShardTypeNames.Order(StringComparer.Ordinal);
        var regions = await Task.WhenAll(names.Select(name => NodesOfAsync(name, context.RequestAborted)));
        return Results.Json(
            new ShardRegionList { Regions = [.. regions.SelectMany(nodes => nodes)] },
            ApiJsonContext.Default.ShardRegionList);
    }

    private async Task<ShardRegionStatus[]> NodesOfAsync(string region, CancellationToken cancellationToken)
    {
        var nodes = await AskAsync<CurrentRegions>(region, new GetCurrentRegions(), cancellationToken);
        var stats = await StatsAsync(region, cancellationToken);
        return [.. nodes.Regions.Select(node => Described(region, node, stats.GetValueOrDefault(node)))
            .OrderBy(status => status.Node, StringComparer.Ordinal)];
    }

    private static ShardRegionStatus Described(string region, Address node, ShardRegionStats? stats) => new()
    {
        Region = region,
        Node = MemberEndpoints.AddressOf(node),
        Answered = stats is not null,
        Shards = stats?.Stats.Count ?? 0,
        Entities = stats?.Stats.Values.Sum(entities => (long)entities) ?? 0,
    };

    private async Task<IResult> ShardsAsync(HttpContext context, string region)
    {
        Caller.Of(context).Require(TicketRole.Operator);
        if (!Sharding.ShardTypeNames.Contains(region, StringComparer.Ordinal))
        {
            throw ApiProblemException.NotFound(
                $"There is no region '{region}'; there are {string.Join(", ", Sharding.ShardTypeNames.Order())}.");
        }

        var stats = await StatsAsync(region, context.RequestAborted);
        var shards = stats
            .SelectMany(node => node.Value.Stats.Select(shard => new ShardStatus
            {
                Shard = shard.Key,
                Node = MemberEndpoints.AddressOf(node.Key),
                Entities = shard.Value,
            }))
            .OrderBy(shard => int.TryParse(shard.Shard, CultureInfo.InvariantCulture, out var number) ? number : 0);
        return Results.Json(new ShardList { Region = region, Shards = [.. shards] }, ApiJsonContext.Default.ShardList);
    }

    private async Task<IReadOnlyDictionary<Address, ShardRegionStats>> StatsAsync(
        string region, CancellationToken cancellationToken) =>
        (await AskAsync<ClusterShardingStats>(region, new GetClusterShardingStats(NodeTimeout), cancellationToken)).Regions;

    private async Task<T> AskAsync<T>(string region, object question, CancellationToken cancellationToken)
    {
        try
        {
            return await Sharding.ShardRegion(region).Ask<T>(question, AnswerTimeout, cancellationToken);
        }
        catch (AskTimeoutException)
        {
            throw ApiProblemException.Unavailable($"The region '{region}' did not answer in time; try again.");
        }
    }
}
