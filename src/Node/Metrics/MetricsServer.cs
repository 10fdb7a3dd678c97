using GpuActors.Shared.Api;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuActors.Node.Metrics;

/// <summary><c>/metrics</c> and <c>/health</c> of a node that has no other HTTP API.</summary>
public sealed class MetricsServer : IAsyncDisposable
{
    private const int MaxConnections = 64;
    private const int MaxBodyBytes = 1024;
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(2);

    private readonly WebApplication _http;

    private MetricsServer(WebApplication http) => _http = http;

    /// <summary>Where it listens: <c>http://host:port</c>.</summary>
    public string Address => _http.Services.GetRequiredService<IServer>()
        .Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Starts to listen.</summary>
    /// <param name="settings">Where.</param>
    /// <param name="metrics">What is shown.</param>
    /// <param name="health">Whether the node takes work.</param>
    /// <param name="tickets">Verifies tickets of those who come over the network.</param>
    /// <param name="logs">The node's log.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The address is in use or not one of this machine.</exception>
    public static async Task<MetricsServer> StartAsync(
        MetricsHttpSettings settings,
        NodeMetrics metrics,
        Func<Task<Health>> health,
        TicketAuthority tickets,
        ILoggerFactory logs,
        CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Services.AddSingleton(logs);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        });
        builder.WebHost.UseUrls($"http://{settings.Host}:{settings.Port}");
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        var app = builder.Build();
        var open = MetricsAccess.IsLoopback(settings.Host);
        app.MapGet(ApiRoutes.Metrics, (RequestDelegate)(context =>
            open || MetricsAccess.Refusal(context.Request, tickets) is not { } refusal
                ? MetricsResponse.WriteAsync(context, metrics)
                : RefuseAsync(context, refusal)));
        app.MapGet(ApiRoutes.Health, (RequestDelegate)(async context => await WriteAsync(context, await health())));
        await app.StartAsync(cancellationToken);
        return new MetricsServer(app);
    }

    /// <summary>Stops listening.</summary>
    public ValueTask DisposeAsync() => _http.DisposeAsync();

    private static Task RefuseAsync(HttpContext context, ApiProblem refusal)
    {
        context.Response.StatusCode = refusal.Status;
        if (refusal.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return context.Response.WriteAsJsonAsync(
            refusal, ApiJsonContext.Default.ApiProblem, ApiProblem.ContentType, context.RequestAborted);
    }

    private static Task WriteAsync(HttpContext context, Health health)
    {
        context.Response.StatusCode = health.Status == HealthState.Ok
            ? StatusCodes.Status200OK
            : StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsJsonAsync(
            health, ApiJsonContext.Default.Health, contentType: null, context.RequestAborted);
    }
}
