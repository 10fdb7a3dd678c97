using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using GpuActors.Client;
using GpuActors.Shared.Security;

namespace GpuActors.LocalCluster;

/// <summary>
/// A cluster of real processes on this machine in one folder: schedulers on a SQLite file or a PostgreSQL server of
/// their own, and workers. For trying things out, for tests that kill processes, and for benchmarks. Disposing it ends all processes.
/// </summary>
public sealed class LocalCluster : IAsyncDisposable
{
    private const string DatabaseName = "gpuactors";
    private const string FirstScheduler = "scheduler1";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly LocalClusterSettings _settings;
    private readonly string _folder;
    private readonly Dictionary<string, ClusterProcess> _workers = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SchedulerProcess> _schedulers = new(StringComparer.Ordinal);

    private LocalCluster(LocalClusterSettings settings)
    {
        _settings = settings;
        _folder = settings.Folder ?? Directory.CreateTempSubdirectory("gpuactors-").FullName;
        Directory.CreateDirectory(_folder);
        var secretFile = Path.Combine(_folder, "cluster-secret");
        if (!File.Exists(secretFile))
        {
            File.WriteAllText(secretFile, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
            File.SetUnixFileMode(secretFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        Secret = ClusterSecret.FromFile(secretFile);
    }

    /// <summary>Where everything of the cluster lies.</summary>
    public string Folder => _folder;

    /// <summary>The secret that the processes share.</summary>
    public ClusterSecret Secret { get; }

    /// <summary>The process of the first scheduler node.</summary>
    public ClusterProcess Scheduler => _schedulers[FirstScheduler].Process;

    /// <summary>The scheduler nodes by name.</summary>
    public IReadOnlyDictionary<string, SchedulerProcess> Schedulers => _schedulers;

    /// <summary>The workers' processes by host name.</summary>
    public IReadOnlyDictionary<string, ClusterProcess> Workers => _workers;

    /// <summary>Where clients connect to the first scheduler node.</summary>
    public Uri HttpAddress => _schedulers[FirstScheduler].HttpAddress;

    /// <summary>Where clients connect to any scheduler node.</summary>
    public IReadOnlyList<Uri> HttpAddresses => [.. _schedulers.Values.Select(s => s.HttpAddress)];

    /// <summary>The port where workers connect to the first scheduler node.</summary>
    public int RemotingPort => _schedulers[FirstScheduler].RemotingPort;

    /// <summary>The database file that the scheduler nodes share.</summary>
    public string JournalFile => Path.Combine(_folder, "journal.db");

    /// <summary>The database server; null when the store is a file.</summary>
    public PostgresServer? Database { get; private set; }

    /// <summary>How this process reads the schedulers' journal in <see cref="Database"/>.</summary>
    public string JournalConnectionString => Database?.LocalConnectionString(DatabaseName)
        ?? throw new InvalidOperationException("The journal is a file.");

    /// <summary>Starts a scheduler and <paramref name="settings"/>' workers, and waits until all are ready.</summary>
    public static async Task<LocalCluster> StartAsync(LocalClusterSettings settings, Action<string>? progress = null)
    {
        var cluster = new LocalCluster(settings);
        try
        {
            await cluster.StartDatabaseAsync(progress);
            progress?.Invoke(settings.Schedulers == 1
                ? "Starting the scheduler"
                : $"Starting {settings.Schedulers} scheduler nodes");
            await Task.WhenAll(Enumerable.Range(1, settings.Schedulers)
                .Select(i => cluster.StartSchedulerAsync(string.Create(CultureInfo.InvariantCulture, $"scheduler{i}"))));
            progress?.Invoke($"Starting {settings.Workers} worker(s)");
            await Task.WhenAll(Enumerable.Range(1, settings.Workers)
                .Select(i => cluster.StartWorkerAsync(string.Create(CultureInfo.InvariantCulture, $"host{i}"))));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a scheduler node: again, with the same ports, if one of that name ran before.</summary>
    public async Task StartSchedulerAsync(string name = FirstScheduler)
    {
        SchedulerProcess? known;
        lock (_schedulers)
        {
            known = _schedulers.GetValueOrDefault(name);
        }

        var place = _settings.Place(name);
        var config = WriteConfig(name, $$"""
            gpuactors {
              remoting { host = "{{place.Address}}", port = {{known?.RemotingPort ?? 0}} }
              api { host = "{{place.Address}}", port = {{known?.HttpPort ?? 0}} }
              persistence { {{StoreConfig()}} }
              scheduler { name = "{{name}}", data-dir = {{Quoted(Path.Combine(_folder, name))}} }
            }
            """);
        var process = ClusterProcess.Start(name, DllOf("Scheduler"), config, _folder, place);
        lock (_schedulers)
        {
            _schedulers[name] = new SchedulerProcess(process, place.Address, known?.RemotingPort ?? 0, known?.HttpPort ?? 0);
        }

        var ready = await process.ReadyAsync(StartTimeout);
        lock (_schedulers)
        {
            _schedulers[name] = new SchedulerProcess(
                process,
                place.Address,
                int.Parse(ready["remotingPort"], CultureInfo.InvariantCulture),
                int.Parse(ready["httpPort"], CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Starts a worker: again, on the same data folder, if one of that name ran before.</summary>
    /// <param name="host">Its name.</param>
    /// <param name="secretFile">A file with another secret than the cluster's, for trying out what that does.</param>
    public async Task StartWorkerAsync(string host, string? secretFile = null)
    {
        var place = _settings.Place(host);
        var config = WriteConfig(host, $$"""
            gpuactors {
              remoting.host = "{{place.Address}}"
              worker {
                name = "{{host}}", data-dir = {{Quoted(Path.Combine(_folder, host))}}
                schedulers = [{{string.Join(", ", _schedulers.Values.Select(s => $"\"{s.RemotingAddress}\""))}}]
              }
            }
            """, secretFile);
        var worker = ClusterProcess.Start(host, DllOf("Worker"), config, _folder, place);
        lock (_workers)
        {
            _workers[host] = worker;
        }

        await worker.ReadyAsync(StartTimeout);
    }

    /// <summary>A ticket of a tenant, or of an operator.</summary>
    public string Ticket(string tenant = "demo", TicketRole role = TicketRole.Operator) =>
        new TicketAuthority(Secret, TimeProvider.System).Issue("local", tenant, role, TimeSpan.FromDays(7));

    /// <summary>A client with a ticket of <paramref name="tenant"/>.</summary>
    public GpuActorsClient Client(string tenant = "demo", TicketRole role = TicketRole.Operator) =>
        new(ClientOptions(tenant, role));

    /// <summary>How such a client reaches the cluster.</summary>
    public GpuActorsClientOptions ClientOptions(string tenant = "demo", TicketRole role = TicketRole.Operator) => new()
    {
        Servers = [.. HttpAddresses],
        Ticket = Ticket(tenant, role),
        Handler = _settings.ClientHandler?.Invoke(),
    };

    /// <summary>Writes the file in which the shell finds the cluster's address and a ticket.</summary>
    public void WriteConnectionFile(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var text = JsonSerializer.Serialize(new { server = HttpAddresses.Select(address => address.ToString()), ticket = Ticket() });
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Stops everything in an orderly way, workers first.</summary>
    /// <returns>The names of processes that did not stop when asked and were killed.</returns>
    public async Task<IReadOnlyList<string>> StopAsync()
    {
        var killed = new List<string>();
        foreach (var process in _workers.Values.Concat(_schedulers.Values.Select(s => s.Process)))
        {
            if (!await process.StopAsync())
            {
                killed.Add(process.Name);
            }
        }

        return killed;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers.Values)
        {
            await worker.DisposeAsync();
        }

        foreach (var scheduler in _schedulers.Values)
        {
            await scheduler.Process.DisposeAsync();
        }

        Database?.Dispose();
        if (_settings.Folder is null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task StartDatabaseAsync(Action<string>? progress)
    {
        if (_settings.Store == ClusterStore.Postgres)
        {
            progress?.Invoke("Starting PostgreSQL");
            Database = await Task.Run(() => new PostgresServer(_settings.Place(LocalClusterSettings.DatabaseName)));
            Database.CreateDatabase(DatabaseName);
        }
    }

    private string StoreConfig() => Database is { } database
        ? $"store = postgresql, postgresql.connection-string = {Quoted(database.ConnectionString(DatabaseName))}"
        : $"sqlite.file = {Quoted(JournalFile)}";

    private string WriteConfig(string name, string own, string? secretFile = null)
    {
        var file = Path.Combine(_folder, $"{name}.conf");
        var include = Path.Combine(AppContext.BaseDirectory, "hocon", "demo.conf");
        var secret = Quoted(secretFile ?? Path.Combine(_folder, "cluster-secret"));
        File.WriteAllText(file, $$"""
            include required(file({{Quoted(include)}}))
            gpuactors.security.cluster-secret-file = {{secret}}
            {{_settings.ExtraConfig}}
            {{own}}
            """);
        return file;
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    /// <summary>A published program, or the one beside this: every project builds into a folder of its own.</summary>
    private string DllOf(string project)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var folder = _settings.ProgramsFolder is { } published
            ? Path.Combine(published, $"GpuActors.{project}")
            : Path.Combine(own.Parent!.Parent!.FullName, $"GpuActors.{project}", own.Name);
        var dll = Path.Combine(folder, $"GpuActors.{project}.dll");
        return File.Exists(dll) ? dll : throw new FileNotFoundException($"{dll} is missing; build the solution first.");
    }
}
