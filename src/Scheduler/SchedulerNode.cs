using GpuActors.Actors;
using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence;
using GpuActors.Node;
using GpuActors.Node.Metrics;
using GpuActors.Scheduler.Api;
using GpuActors.Scheduler.Blobs;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Security;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace GpuActors.Scheduler;

/// <summary>
/// A scheduler node from its parts: store, actor system, HTTP, membership, regions, remoting. Nobody is served before
/// the node is up in its cluster.
/// </summary>
public sealed class SchedulerNode : IReplaceableNode
{
    private readonly IClusterStore _store;
    private readonly ActorSystem _system;
    private readonly WebApplication _http;
    private readonly NodeMetrics _metrics;

    private SchedulerNode(
        IClusterStore store, ActorSystem system, WebApplication http, NodeMetrics metrics, SchedulerRegions regions)
    {
        _metrics = metrics;
        _store = store;
        _system = system;
        _http = http;
        Regions = regions;
    }

    /// <inheritdoc/>
    public Task<string> TakenOver => Regions.TakenOver;

    /// <inheritdoc/>
    public Task Left => _system.WhenTerminated;

    /// <summary>Its actors.</summary>
    internal SchedulerRegions Regions { get; }

    /// <summary>Where workers connect: <c>host:port</c>.</summary>
    public string RemotingAddress => $"{_system.Provider.Address.Host}:{_system.Provider.Address.Port}";

    /// <summary>Where clients connect: <c>http://host:port</c>.</summary>
    public string HttpAddress => AddressOf(_http);

    /// <summary>Starts a node; it serves when the task is done.</summary>
    public static async Task<SchedulerNode> StartAsync(
        SchedulerSettings settings, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(settings.DataFolder);
        var system = NodeActors.Create(NodeActors.SchedulerSystem, settings.Actors, logs);
        SchedulerActors.RegisterEvents(system);
        var store = SchedulerStore.Open(settings.Persistence, system.Runtime);
        var persistence = system.UsePersistence(
            store,
            new Actors.Persistence.PersistenceSettings { OwnershipScope = $"node/{settings.Name}", Owner = settings.Name });
        var ownership = await persistence.Ownership;
        var blobs = new BlobStore(
            store, ownership, system.Runtime.Random, refusal => persistence.PublishFenced("blobs", refusal));
        var regions = new SchedulerRegions();
        var metrics = new NodeMetrics(settings.Metrics.MaxSeries, logs.CreateLogger<NodeMetrics>());
        SchedulerInstruments.AddTo(metrics, settings.Name, regions, system.Runtime.Time);
        var http = SchedulerHttp.Build(new SchedulerHttpParts(
            settings,
            logs,
            system,
            regions,
            store,
            blobs,
            new ClusterFacts(store, system.Runtime.Time, NodeProcess.Version),
            new TicketAuthority(settings.Security.Secret, system.Runtime.Time),
            metrics));
        await http.StartAsync(cancellationToken);
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceUnbind, "http", async () =>
        {
            await http.StopAsync();
        });
        await SchedulerActors.StartAsync(
            system, store, regions, settings, ownership, PublicHttpAddress(settings, AddressOf(http)), cancellationToken);
        return new SchedulerNode(store, system, http, metrics, regions);
    }

    /// <summary>Stops serving, then the actors, then the store.</summary>
    public async ValueTask DisposeAsync()
    {
        await _http.StopAsync();
        await _http.DisposeAsync();
        _metrics.Dispose();
        await _system.Terminate();
        await _store.DisposeAsync();
    }

    /// <summary>A node that listens on every address tells its public name, where it has one.</summary>
    private static string PublicHttpAddress(SchedulerSettings settings, string listening)
    {
        var address = new UriBuilder(listening);
        if (settings.Api.Host is "0.0.0.0" or "[::]" or "::")
        {
            address.Host = settings.Remoting.PublicHost ?? Environment.MachineName;
        }

        return address.Uri.GetLeftPart(UriPartial.Authority);
    }

    private static string AddressOf(WebApplication http) => http.Services.GetRequiredService<IServer>()
        .Features.Get<IServerAddressesFeature>()!.Addresses.First();
}
