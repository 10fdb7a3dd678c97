using GpuActors.Actors;
using GpuActors.Actors.Cluster;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Node.Logging;
using GpuActors.Node.Metrics;
using GpuActors.Scheduler.Blobs;
using GpuActors.Shared.Api;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Api;

/// <summary>What the HTTP API is made of.</summary>
public sealed record SchedulerHttpParts(
    SchedulerSettings Settings,
    ILoggerFactory Logs,
    ActorSystem System,
    SchedulerRegions Regions,
    IEventStore Store,
    BlobStore Blobs,
    ClusterFacts Facts,
    TicketAuthority Tickets,
    NodeMetrics Metrics);

/// <summary>Builds the HTTP API: problems around everything, then the ticket, then the endpoints.</summary>
public static class SchedulerHttp
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The application, not started yet.</summary>
    public static WebApplication Build(SchedulerHttpParts parts)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Services.AddSingleton(parts.Logs);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = parts.Settings.Api.MaxBodyBytes;
            kestrel.Limits.MaxConcurrentConnections = parts.Settings.Api.MaxConnections;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        });
        builder.WebHost.UseUrls($"http://{parts.Settings.Api.Host}:{parts.Settings.Api.Port}");
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.ConfigureHttpJsonOptions(json =>
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJsonContext.Default));
        builder.Services.AddOpenApi();
        builder.Services.AddSingleton(parts.Tickets);
        RequestLimits.Add(builder.Services, parts.Settings.Api);
        var app = builder.Build();
        app.UseMiddleware<ProblemWriter>();
        app.Use((context, next) => WhenReady(parts.Regions, context, next));
        app.UseMiddleware<TicketAuthentication>();
        app.UseRateLimiter();
        Map(app, parts);
        return app;
    }

    private static void Map(WebApplication app, SchedulerHttpParts parts)
    {
        app.MapOpenApi();
        app.MapGet(ApiRoutes.Health, () => Health(parts)).WithSummary("Whether work is taken.").Produces<Health>();
        var admission = new Admission(parts.Regions, parts.Blobs, parts.Settings);
        new JobEndpoints(parts.Regions, parts.Store, parts.Blobs, admission, parts.Settings.Api).Map(app);
        var grants = new SessionGrants(parts.Tickets, parts.System.Runtime.Time);
        new SessionEndpoints(parts.Regions, parts.Store, admission, grants, parts.Settings.Api).Map(app);
        new JobEventEndpoints(parts.System, parts.Regions).Map(app);
        new BlobEndpoints(parts.Blobs, parts.Settings.MaxBlobBytes).Map(app);
        new MemberEndpoints(parts.System).Map(app);
        new ShardingEndpoints(parts.System).Map(app);
        new ActorEndpoints(parts.System).Map(app);
        new JournalEndpoints(parts.Store).Map(app);
        new MetricsEndpoints(parts.Metrics).Map(app);
        new UsageEndpoints(parts.Regions, parts.Settings.Pool).Map(app);
        new QueueEndpoints(parts.Regions, parts.Settings).Map(app);
        new LogEndpoints(parts.Logs as NodeLog).Map(app);
        var cell = new CellReader(parts.Regions, parts.Settings.Pool);
        var models = parts.Settings.Models;
        new GpuEndpoints(cell, models).Map(app);
        new InventoryEndpoints(
            parts.Regions, parts.Store, cell, models, parts.Settings.Api.MaxHostsListed, parts.Facts).Map(app);
    }

    private static Task WhenReady(SchedulerRegions regions, HttpContext context, RequestDelegate next)
    {
        if (regions.Ready || context.Request.Path == ApiRoutes.Health)
        {
            return next(context);
        }

        throw ApiProblemException.Unavailable("The scheduler is starting; try again in a moment.");
    }

    private static IResult Health(SchedulerHttpParts parts)
    {
        var health = !parts.Regions.Ready
            ? new Health { Status = HealthState.Starting }
            : Cluster.Get(parts.System).IsUp
                ? new Health { Status = HealthState.Ok }
                : new Health
                {
                    Status = HealthState.Failing,
                    Detail = "This node does not hold its lease: it cannot reach the database, or it is leaving the cluster.",
                };
        return Results.Json(
            health,
            ApiJsonContext.Default.Health,
            statusCode: health.Status == HealthState.Ok
                ? StatusCodes.Status200OK
                : StatusCodes.Status503ServiceUnavailable);
    }
}
