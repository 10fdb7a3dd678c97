using GpuActors.Actors;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Scheduler.Hosts;
using GpuActors.Scheduler.Placement;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Api;

/// <summary>Hosts, GPUs, slices and the cluster in a few numbers. Tenants see their own slices only.</summary>
public sealed class InventoryEndpoints(
    SchedulerRegions regions, IEventStore store, CellReader cells, GpuModels models, int maxHostsListed, ClusterFacts facts)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(ApiRoutes.Hosts, (Delegate)HostsAsync).WithSummary("Lists the hosts.").Produces<HostList>();
        routes.MapGet(ApiRoutes.Host, (Delegate)HostAsync)
            .WithSummary("Tells of one host.").Produces<HostStatus>().ProducesProblem(404);
        routes.MapGet(ApiRoutes.Gpus, (Delegate)GpusAsync).WithSummary("Lists the GPUs.").Produces<GpuList>();
        routes.MapGet(ApiRoutes.Slices, (Delegate)SlicesAsync).WithSummary("Lists the slices that are owned.").Produces<SliceList>();
        routes.MapGet(ApiRoutes.Status, (Delegate)StatusAsync).WithSummary("The cluster in a few numbers.").Produces<ClusterStatus>();
    }

    private async Task<IResult> HostsAsync(HttpContext context) => Results.Json(
        new HostList { Hosts = await AllHostsAsync(context) }, ApiJsonContext.Default.HostList);

    private async Task<IResult> HostAsync(HttpContext context, string host)
    {
        var known = (await HostNamesAsync(context)).Contains(host, StringComparer.Ordinal);
        var status = known ? await AskHostAsync(host, context) : null;
        if (status is null)
        {
            throw ApiProblemException.NotFound($"There is no host '{host}'.");
        }

        var inventory = await InventoryAsync(context);
        return Results.Json(
            HostDescriptions.Of(status, inventory) with
            {
                Gpus = [.. GpusOf(inventory, context).Where(gpu => gpu.Host == host)],
            },
            ApiJsonContext.Default.HostStatus);
    }

    private async Task<IResult> GpusAsync(HttpContext context) => Results.Json(
        new GpuList { Gpus = await GpusOfAsync(context) }, ApiJsonContext.Default.GpuList);

    private async Task<IResult> SlicesAsync(HttpContext context)
    {
        var slices = (await GpusOfAsync(context)).SelectMany(gpu => gpu.Slices);
        return Results.Json(new SliceList { Slices = [.. slices] }, ApiJsonContext.Default.SliceList);
    }

    private async Task<IResult> StatusAsync(HttpContext context)
    {
        Caller.Of(context).Require(TicketRole.Operator, TicketRole.Tenant);
        var hosts = await AllHostsAsync(context);
        var gpus = hosts.Where(h => h.State == HostState.Up).SelectMany(h => h.Gpus).ToArray();
        return Results.Json(
            new ClusterStatus
            {
                Version = facts.Version,
                StartedAt = facts.StartedAt,
                Now = facts.Now,
                Hosts = hosts.CountBy(h => h.State).ToDictionary(),
                Jobs = await facts.CountJobsAsync(context.RequestAborted),
                Gpus = gpus.Length,
                Slices = gpus.Sum(gpu => gpu.Slices.Count),
                MemoryTotalBytes = gpus.Sum(gpu => gpu.MemoryTotalBytes),
                MemoryFreeBytes = gpus.Sum(gpu => gpu.MemoryFreeBytes),
            },
            ApiJsonContext.Default.ClusterStatus);
    }

    private async Task<HostStatus[]> AllHostsAsync(HttpContext context)
    {
        var inventory = await InventoryAsync(context);
        var gpus = GpusOf(inventory, context).ToLookup(gpu => gpu.Host);
        var hosts = await Task.WhenAll((await HostNamesAsync(context)).Select(name => AskHostAsync(name, context)));
        return [.. hosts.OfType<HostStatus>()
            .OrderBy(host => host.Name, StringComparer.Ordinal)
            .Select(host => HostDescriptions.Of(host, inventory) with { Gpus = [.. gpus[host.Name]] })];
    }

    private async Task<string[]> HostNamesAsync(HttpContext context)
    {
        var rows = await store.ListEntitiesAsync(
            new EntityIndexQuery(HostActor.IndexKind) { Limit = maxHostsListed }, context.RequestAborted);
        return [.. rows.Select(row => row.Id)];
    }

    private async Task<HostStatus?> AskHostAsync(string host, HttpContext context)
    {
        try
        {
            return await regions.Hosts.Ask<object>(new GetHost(host), AnswerTimeout, context.RequestAborted) as HostStatus;
        }
        catch (AskTimeoutException)
        {
            throw ApiProblemException.Unavailable($"The twin of host '{host}' did not answer in time; try again.");
        }
    }

    private async Task<GpuStatus[]> GpusOfAsync(HttpContext context) =>
        GpusOf(await InventoryAsync(context), context);

    private Task<CellInventory> InventoryAsync(HttpContext context) =>
        cells.InventoryAsync(context);

    private GpuStatus[] GpusOf(CellInventory inventory, HttpContext context)
    {
        var caller = Caller.Of(context);
        return [.. inventory.Devices.Select(device => GpuDescriptions.Of(device, models, caller))];
    }
}
