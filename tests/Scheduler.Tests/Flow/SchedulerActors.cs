using System.Text;
using System.Text.Json;
using GpuActors.Actors;
using GpuActors.Actors.Persistence;
using GpuActors.Actors.Persistence.Sqlite;
using GpuActors.Actors.Runtime;
using GpuActors.Actors.Cluster;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Actors.TestKit;
using GpuActors.Scheduler.Hosts;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;
using GpuActors.Shared.Configuration;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Flow;

/// <summary>
/// A scheduler's actors on a real SQLite file and virtual time, with probes in the place of workers. The base of tests
/// that follow a job through queue, cell, session and host.
/// </summary>
public abstract class SchedulerActors : IAsyncLifetime
{
    private protected const string Tenant = "t";

    private readonly string _folder = Directory.CreateTempSubdirectory("scheduler-flow-").FullName;
    private BlockingStore _store = null!;

    private protected TestKit Kit { get; private set; } = null!;

    private protected SchedulerRegions Regions { get; private set; } = null!;

    private protected SchedulerSettings Settings { get; private set; } = null!;

    /// <summary>Settings beside the defaults.</summary>
    private protected virtual string[] Overrides => [];

    public async Task InitializeAsync()
    {
        Settings = Load();
        await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The scheduler ends, and another goes on with the same journal.</summary>
    /// <param name="settings">What it is set to otherwise.</param>
    private protected async Task RestartAsync(params string[] settings)
    {
        await StopAsync();
        Settings = Load(settings);
        await StartAsync();
        Kit.Advance(TimeSpan.Zero);
    }

    /// <summary>A host whose worker is a probe, registered.</summary>
    private protected HostProbe AddHost(string name, int gpus = 1, int slots = 64, HostInventory? machine = null) =>
        new HostProbe(Kit, Regions, name, gpus, slots, machine).Register();

    private protected static string Session(string id) => $"{Tenant}/{id}";

    private protected JobSubmitted Submit(string id, string extra = "", string gpu = "\"whole\": true")
    {
        var json = Encoding.UTF8.GetBytes(Api.Http.Document(id, extra, gpu));
        return Ask<JobSubmitted>(new SubmitJob(
            Session(id), Tenant, JsonDocument.Parse(json).RootElement));
    }

    /// <summary>How the job stands when all that is under way has arrived.</summary>
    private protected JobStatus Status(string id)
    {
        Kit.Advance(TimeSpan.Zero);
        return Ask<JobStatus>(new GetJob(Session(id)));
    }

    private protected JobStatus Cancel(string id) => Ask<JobStatus>(new CancelJob(Session(id), "Enough."));

    private protected JobStatus ExpectState(string id, JobState state)
    {
        var status = Status(id);
        status.State.ShouldBe(state);
        return status;
    }

    private protected OwnedSlice[] OwnedSlices()
    {
        Kit.Advance(TimeSpan.Zero);
        return [.. Regions.CellsOf(Regions.Pool).Names.SelectMany(cell => Inventory(cell).Devices)
            .SelectMany(device => device.Slices)];
    }

    private protected CellInventory Inventory(string cell) =>
        Kit.Await(Regions.Cells.Ask<CellInventory>(new ShardingEnvelope(cell, new GetCellInventory())));

    /// <summary>Lets time pass in which only these hosts renew their leases.</summary>
    private protected void Pass(TimeSpan time, params HostProbe[] alive)
    {
        var step = TimeSpan.FromSeconds(1);
        for (var passed = TimeSpan.Zero; passed < time; passed += step)
        {
            Array.ForEach(alive, host => host.Renew());
            Kit.Advance(step);
        }
    }

    private protected TimeSpan WholeLease => Settings.HostLease + Settings.HostLeaseMargin + TimeSpan.FromSeconds(1);

    /// <summary>Lets every write of such an event fail until <paramref name="action"/> is done.</summary>
    private protected void WhileWritesFail(string manifest, Action action)
    {
        _store.FailsToWrite = write => write.Events.Any(written => written.Manifest == manifest);
        action();
        _store.FailsToWrite = _ => false;
    }

    /// <summary>How many events of that name the session's journal holds.</summary>
    private protected async Task<int> CountEventsAsync(string id, string manifest) =>
        (await _store.ReadEventsAsync($"session-{Session(id)}", 1, long.MaxValue, 100)).Count(e => e.Manifest == manifest);

    private protected async Task<IReadOnlyList<string>> ManifestsTaggedAsync(string tag) =>
        [.. (await _store.ReadEventsByTagAsync(tag, 0, 100)).Select(stored => stored.Manifest)];

    private protected T Ask<T>(ISessionMessage question) => Kit.Await(Regions.Sessions.Ask<T>(question));

    private SchedulerSettings Load(params string[] settings) => SchedulerSettings.From(ConfigurationFactory.Load(
        [],
        ["gpuactors.security.cluster-secret = \"correct horse battery staple 1\"", .. Overrides, .. settings],
        _ => null));

    private async Task StartAsync()
    {
        Kit = new TestKit();
        GpuActors.Scheduler.SchedulerActors.RegisterEvents(Kit.Sys);

        _store = new BlockingStore(SqliteEventStore.Open(
            new SqliteEventStoreSettings { Path = Path.Combine(_folder, "journal.db") }, new ProductionRuntime()));
        await Kit.Sys.UsePersistence(_store).Ownership;
        Regions = new SchedulerRegions();
        var cluster = Kit.Sys.UseCluster(_store);
        SchedulerRegionsSetup.Start(Kit.Sys, Regions, _store, Settings, "http://blobs");
        Kit.Await(cluster.WhenUp);
        Kit.Advance(cluster.Settings.RenewInterval);
    }

    private async Task StopAsync()
    {
        Kit.Dispose();
        await _store.DisposeAsync();
    }
}
