using GpuActors.Actors;
using GpuActors.Scheduler.Hosts;
using GpuActors.Scheduler.Placement;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Api;

/// <summary>
/// What slices use. Apart from the inventory, because it changes every second and is asked of the twins of hosts, which
/// live on all nodes; whose a slice is say the cells alone. Tenants see their own slices only.
/// </summary>
public sealed class UsageEndpoints(SchedulerRegions regions, CellReader cells)
{
    /// <summary>A host whose twin doesn't answer by then is left out: what it would say is old soon anyway.</summary>
    private static readonly TimeSpan TwinTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Adds the route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(ApiRoutes.Usage, (Delegate)UsageAsync)
        .WithSummary("What the slices use on which sessions run (?host=).").Produces<SliceUsageList>();

    private async Task<IResult> UsageAsync(HttpContext context)
    {
        var caller = Caller.Of(context);
        var only = QueryReader.Text(context.Request, "host");
        var owned = (await cells.InventoryAsync(context)).Devices
            .Where(device => only is null || device.Host == only)
            .SelectMany(device => device.Slices)
            .Where(slice => caller.MaySee(slice.Session))
            .ToLookup(slice => slice.Slice.Host);
        var reports = await Task.WhenAll(owned.Select(host => AskTwinAsync(host.Key, context)));
        var slices = reports.OfType<HostUsage>()
            .SelectMany(report => Join(owned[report.Host], report))
            .OrderBy(slice => slice.Slice, StringComparer.Ordinal);
        return Results.Json(new SliceUsageList { Slices = [.. slices] }, ApiJsonContext.Default.SliceUsageList);
    }

    private async Task<HostUsage?> AskTwinAsync(string host, HttpContext context)
    {
        try
        {
            return await regions.Hosts.Ask<HostUsage>(new GetHostUsage(host), TwinTimeout, context.RequestAborted);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    private static IEnumerable<SliceUsageStatus> Join(IEnumerable<OwnedSlice> owned, HostUsage report)
    {
        var used = report.Slices.ToLookup(usage => (usage.Slice, usage.Session, usage.Epoch));
        return owned.SelectMany(slice => used[(slice.Slice.Name, slice.Session, slice.Epoch)].Take(1))
            .Select(usage => Status(usage, report.ReportedAt));
    }

    private static SliceUsageStatus Status(SliceUsage usage, DateTimeOffset reportedAt) => new()
    {
        Slice = usage.Slice,
        Session = usage.Session,
        Tenant = usage.Tenant,
        Epoch = usage.Epoch,
        ReportedAt = reportedAt,
        BusySeconds = usage.Busy.TotalSeconds,
        QueuedSeconds = usage.Queued.TotalSeconds,
        ThrottledSeconds = usage.Throttled.TotalSeconds,
        Kernels = usage.Kernels,
        BytesIn = usage.BytesIn,
        BytesOut = usage.BytesOut,
        MemoryBytes = usage.MemoryBytes,
        MemoryPeakBytes = usage.MemoryPeakBytes,
        Network = usage.Streams is not { } streams ? null : new NetworkUsageStatus
        {
            RoundTrips = streams.Waits,
            WaitedSeconds = streams.Waited.TotalSeconds,
            DeviceSeconds = streams.Answering.TotalSeconds,
            BytesReceived = streams.BytesReceived,
            BytesSent = streams.BytesSent,
        },
    };
}
