using GpuActors.Actors;
using GpuActors.Actors.Persistence;
using GpuActors.Actors.Persistence.Sqlite;
using GpuActors.Actors.Remoting;
using GpuActors.Actors.Remoting.Transport;
using GpuActors.Actors.Runtime;
using GpuActors.Scheduler.Api;
using GpuActors.Scheduler.Blobs;
using GpuActors.Scheduler.Hosts;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Configuration;
using GpuActors.Shared.Messages;
using GpuActors.Shared.Security;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace GpuActors.Scheduler;

/// <summary>
/// A scheduler node from its parts: store, actor system, remoting, regions, HTTP. The order of starting is that nobody
/// is served before the journal is there, and that hosts are heard before clients.
/// </summary>
public sealed class SchedulerNode : IAsyncDisposable
{
    private readonly SqliteEventStore _store;
    private readonly ActorSystem _system;
    private readonly WebApplication _http;

    private SchedulerNode(SqliteEventStore store, ActorSystem system, WebApplication http)
    {
        _store = store;
        _system = system;
        _http = http;
    }

    /// <summary>Where workers connect: <c>host:port</c>.</summary>
    public string RemotingAddress => $"{_system.Provider.Address.Host}:{_system.Provider.Address.Port}";

    /// <summary>Where clients connect: <c>http://host:port</c>.</summary>
    public string HttpAddress => AddressOf(_http);

    /// <summary>Starts a node; it serves when the task is done.</summary>
    public static async Task<SchedulerNode> StartAsync(
        SchedulerSettings settings, string version, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var runtime = new ProductionRuntime(new TcpNetwork());
        Directory.CreateDirectory(settings.DataFolder);
        var store = SqliteEventStore.Open(SchedulerParts.Store(settings.Persistence), runtime);
        var system = ActorSystem.Create("scheduler", new ActorSystemSetup
        {
            Runtime = runtime,
            LoggerFactory = logs,
            Settings = SchedulerParts.Actors(settings.Actors),
        });
        foreach (var (manifest, type) in MessageManifests.All.Concat(SchedulerEvents.All))
        {
            system.Serialization.Register(manifest, type);
        }

        var persistence = system.UsePersistence(store, new PersistenceSettings { Owner = settings.Name });
        var ownership = await persistence.Ownership;
        var blobs = new BlobStore(
            store, new BlobFolder(Path.Combine(settings.DataFolder, "blobs"), runtime.Random), ownership);
        var regions = new SchedulerRegions();
        var http = SchedulerHttp.Build(new SchedulerHttpParts(
            settings,
            logs,
            system,
            regions,
            store,
            blobs,
            new ClusterFacts(store, runtime.Time, version),
            new TicketAuthority(settings.Security.Secret, runtime.Time)));
        await http.StartAsync(cancellationToken);
        SchedulerRegionsSetup.Start(system, regions, settings, SchedulerParts.PublicHttpAddress(settings, AddressOf(http)));
        await system.StartRemotingAsync(SchedulerParts.Remoting(settings), cancellationToken);
        await OpenEntities.StartAsync(store, HostActor.IndexKind, regions.Hosts, cancellationToken);
        var sessions = await OpenEntities.StartAsync(
            store, SessionActor.IndexKind, regions.Sessions, cancellationToken);
        if (sessions > 0)
        {
            system.Log.LogInformation("{Count} session(s) go on where they were.", sessions);
        }

        regions.Ready = true;
        return new SchedulerNode(store, system, http);
    }

    /// <summary>Stops serving, then the actors, then the store.</summary>
    public async ValueTask DisposeAsync()
    {
        await _http.StopAsync();
        await _http.DisposeAsync();
        await _system.Terminate();
        await _store.DisposeAsync();
    }

    private static string AddressOf(WebApplication http) => http.Services.GetRequiredService<IServer>()
        .Features.Get<IServerAddressesFeature>()!.Addresses.First();
}
