using GpuActors.Actors;
using GpuActors.Node.Metrics;
using GpuActors.Shared.Api;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Security;
using GpuActors.Worker.Actors;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Sessions;
using GpuActors.Worker.Sharing;
using Microsoft.Extensions.Logging;

namespace GpuActors.Worker.Metrics;

/// <summary>The worker's instruments, and the HTTP server that shows them where the settings want one.</summary>
internal sealed class WorkerMetrics : IAsyncDisposable
{
    private static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(2);

    private readonly NodeMetrics _metrics;
    private MetricsServer? _server;

    /// <summary>Adds instruments for slices, executors and, where there is a gateway, interactive sessions.</summary>
    public WorkerMetrics(
        WorkerSettings settings, ISliceUsageSource usage, ExecutorPool pool, TimeProvider time, ILoggerFactory logs,
        SessionGateway? gateway = null)
    {
        _metrics = new NodeMetrics(settings.Metrics.MaxSeries, logs.CreateLogger<NodeMetrics>());
        var meter = _metrics.CreateMeter("GpuActors.Worker");
        NodeInstruments.AddTo(meter, "worker", settings.Name);
        ExecutorInstruments.AddTo(meter, pool);
        if (gateway is not null)
        {
            SessionInstruments.AddTo(meter, gateway);
        }

        _ = new SliceInstruments(meter, usage.ReadAll, time);
    }

    /// <summary>Where they are shown: <c>http://host:port</c>; null if the settings don't want that.</summary>
    public string? Address => _server?.Address;

    /// <summary>Begins to show them, if the settings want it.</summary>
    /// <param name="settings">The worker's settings.</param>
    /// <param name="worker">The worker's actor, which knows how it is; null before it is there.</param>
    /// <param name="tickets">Verifies who comes over the network.</param>
    /// <param name="logs">The worker's log.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task ServeAsync(
        WorkerSettings settings,
        Func<IActorRef?> worker,
        TicketAuthority tickets,
        ILoggerFactory logs,
        CancellationToken cancellationToken)
    {
        if (settings.MetricsHttp.Enabled)
        {
            _server = await MetricsServer.StartAsync(
                settings.MetricsHttp, _metrics, () => HealthAsync(worker()), tickets, logs, cancellationToken);
        }
    }

    /// <summary>Stops showing them; the meters end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _metrics.Dispose();
    }

    private static async Task<Health> HealthAsync(IActorRef? worker)
    {
        if (worker is null)
        {
            return new Health { Status = HealthState.Starting };
        }

        try
        {
            return await worker.Ask<Health>(new GetHealth(), HealthTimeout);
        }
        catch (AskTimeoutException)
        {
            return new Health { Status = HealthState.Failing, Detail = "The worker's actor does not answer." };
        }
    }
}
