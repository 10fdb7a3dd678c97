using System.Net.Http.Headers;
using GpuActors.Node.Logging;
using GpuActors.Shared.Configuration;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Tests.Api;

/// <summary>
/// A whole scheduler inside the test's process: HTTP and remoting on free ports of loopback, SQLite in a folder of its
/// own, no workers.
/// </summary>
public sealed class SchedulerFixture : IAsyncLifetime
{
    public const string Secret = "correct horse battery staple 1";

    private readonly string _folder = Directory.CreateTempSubdirectory("scheduler-test-").FullName;
    private readonly NodeLog _log = new(TimeProvider.System);
    private readonly string[] _settings;
    private SchedulerNode? _node;

    public SchedulerFixture()
        : this([])
    {
    }

    private SchedulerFixture(string[] settings) => _settings = settings;

    /// <summary>The node's actors, for what only workers say otherwise.</summary>
    internal SchedulerRegions Regions => _node!.Regions;

    /// <summary>Where workers connect: <c>host:port</c>.</summary>
    public string RemotingAddress => _node!.RemotingAddress;

    public Uri Address => new(_node!.HttpAddress);

    /// <summary>A started scheduler with settings beside the defaults.</summary>
    public static async Task<SchedulerFixture> StartAsync(params string[] settings)
    {
        var fixture = new SchedulerFixture(settings);
        await fixture.InitializeAsync();
        return fixture;
    }

    public async Task InitializeAsync()
    {
        var config = ConfigurationFactory.Load(
            [],
            [
                "gpuactors { remoting.port = 0, api.port = 0 }",
                $"gpuactors.security.cluster-secret = \"{Secret}\"",
                $"gpuactors.scheduler {{ name = test, data-dir = \"{_folder}\" }}",
                .. _settings,
            ],
            _ => null);
        _node = await SchedulerNode.StartAsync(
            SchedulerSettings.From(config), _log, CancellationToken.None);
    }

    /// <summary>Stops it and starts another on the same folder.</summary>
    public async Task RestartAsync()
    {
        await _node!.DisposeAsync();
        await InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _node!.DisposeAsync();
        _log.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public static string Ticket(string tenant, TicketRole role = TicketRole.Tenant, string secret = Secret) =>
        new TicketAuthority(ClusterSecret.FromText(secret), TimeProvider.System)
            .Issue("test", tenant, role, TimeSpan.FromHours(1));

    public HttpClient Client(string tenant, TicketRole role = TicketRole.Tenant) => Bearer(Ticket(tenant, role));

    public HttpClient Bearer(string? ticket)
    {
        var client = new HttpClient { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = ticket is null ? null : new AuthenticationHeaderValue("Bearer", ticket);
        return client;
    }
}
