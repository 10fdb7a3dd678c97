using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using GpuActors.Client;
using GpuActors.LocalCluster;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;

namespace GpuActors.Cluster.Tests;

/// <summary>Nonsense on every port and path is refused clearly and changes nothing.</summary>
public sealed class BadInputTests(OneWorkerCluster fixture) : IClassFixture<OneWorkerCluster>
{
    private static readonly TimeSpan PatienceLimit = TimeSpan.FromMinutes(1);
    private readonly LocalCluster.LocalCluster _cluster = fixture.Cluster;

    [Fact]
    public async Task Random_bytes_on_every_port_leave_the_cluster_working()
    {
        var random = new Random(1);
        foreach (var port in new[] { _cluster.RemotingPort, _cluster.HttpAddress.Port })
        {
            for (var i = 0; i < 20; i++)
            {
                var bytes = new byte[random.Next(1, 5000)];
                random.NextBytes(bytes);
                await SendAsync(port, bytes);
            }

            await SendAsync(port, [0x3F, 0xFF, 0xFF, 0xFF, .. new byte[16]]);
            await SendAsync(port, [0xFF, 0xFF, 0xFF, 0x3F, .. new byte[16]]);
            await SendAsync(port, [0, 0]);
        }

        await ExpectWorkingAsync();
    }

    [Theory]
    [InlineData("""{"id":5}""", "/id")]
    [InlineData("""{"id":"a","gpu":{"whole":true},"steps":7}""", "/steps")]
    [InlineData("""{"id":"a","gpu":{"memory":"many"},"steps":[]}""", "/gpu/memory")]
    [InlineData("""{"id":"a","gpu":{"whole":true},"steps":[],"colour":"red"}""", "/colour")]
    [InlineData("""{"id":"a","gpu":{"whole":true},"inputs":{"x":{"blob":"00"}},"steps":[]}""", "/inputs/x")]
    [InlineData("not json", "")]
    public async Task A_wrong_document_is_refused_with_the_field_that_is_wrong(string document, string path)
    {
        using var client = _cluster.Client("refused", TicketRole.Tenant);
        var refusal = await Should.ThrowAsync<ApiException>(
            () => client.Jobs.SubmitAsync(Encoding.UTF8.GetBytes(document)));
        refusal.Status.ShouldBe(HttpStatusCode.BadRequest);
        refusal.Problem.Type.ShouldBe(ProblemTypes.InvalidDocument);
        refusal.Problem.Errors.ShouldContain(error => error.Path.StartsWith(path, StringComparison.Ordinal));
        (await client.Jobs.ListAsync(new JobQuery())).Jobs.ShouldBeEmpty();
    }

    [Fact]
    public async Task Tenants_do_not_see_each_other_and_strangers_see_nothing()
    {
        using var one = _cluster.Client("one", TicketRole.Tenant);
        using var two = _cluster.Client("two", TicketRole.Tenant);
        await one.Jobs.RunAsync(TestJobs.Number("mine", 1));
        var blob = await one.Blobs.UploadAsync(Encoding.UTF8.GetBytes("secret"));
        (await Should.ThrowAsync<ApiException>(() => two.Jobs.GetAsync("mine"))).Status.ShouldBe(HttpStatusCode.NotFound);
        (await two.Jobs.ListAsync(new JobQuery())).Jobs.ShouldBeEmpty();
        (await two.Blobs.ExistsAsync(blob.Sha256)).ShouldBeFalse();
        (await one.Blobs.ReadAsync(blob.Sha256)).ShouldBe(Encoding.UTF8.GetBytes("secret"));

        await ExpectStrangerIsRefusedAsync();
    }

    [Fact]
    public async Task A_worker_with_another_secret_is_kept_out_and_says_why()
    {
        var secretFile = Path.Combine(_cluster.Folder, "another-secret");
        await File.WriteAllTextAsync(secretFile, "another cluster's secret 0123456789");
        await _cluster.StartWorkerAsync("stranger", secretFile);
        var stranger = _cluster.Workers["stranger"];
        await UntilLoggedAsync(stranger, "secret");
        await UntilLoggedAsync(_cluster.Scheduler, "does not have this node's cluster secret");
        stranger.HasExited.ShouldBeFalse("it may be let in later, when somebody has corrected the secret");
        using var client = _cluster.Client();
        (await client.Cluster.ListHostsAsync()).Select(host => host.Name).ShouldBe(["host1"]);
        await ExpectWorkingAsync();
        await stranger.KillAsync();
    }

    private static async Task UntilLoggedAsync(ClusterProcess process, string words)
    {
        var waited = Stopwatch.StartNew();
        while (!process.LogEnd(200).Contains(words, StringComparison.Ordinal))
        {
            waited.Elapsed.ShouldBeLessThan(PatienceLimit, $"'{words}' is not in the log of {process.Name}:\n{process.LogEnd()}");
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    private async Task ExpectStrangerIsRefusedAsync()
    {
        using var stranger = new GpuActorsClient(new GpuActorsClientOptions
        {
            Servers = [_cluster.HttpAddress],
            Ticket = new TicketAuthority(ClusterSecret.FromText("another cluster's secret 0123456789"), TimeProvider.System)
                .Issue("x", "one", TicketRole.Operator, TimeSpan.FromHours(1)),
        });
        (await Should.ThrowAsync<ApiException>(() => stranger.Jobs.GetAsync("mine")))
            .Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_same_id_is_the_same_job_only_with_the_same_content()
    {
        using var client = _cluster.Client();
        await client.Jobs.RunAsync(TestJobs.Number("twice", 1));
        (await client.Jobs.SubmitAsync(TestJobs.Number("twice", 1))).State.ShouldBe(JobState.Completed);
        var conflict = await Should.ThrowAsync<ApiException>(() => client.Jobs.SubmitAsync(TestJobs.Number("twice", 2)));
        conflict.Problem.Type.ShouldBe(ProblemTypes.JobExists);
    }

    private async Task ExpectWorkingAsync()
    {
        using var client = _cluster.Client();
        using var patience = new CancellationTokenSource(PatienceLimit);
        var job = await client.Jobs.RunAsync(TestJobs.Number("after", 7), patience.Token);
        TestJobs.FirstNumber(await client.Jobs.ReadOutputAsync(job, "numbers", patience.Token)).ShouldBe(7);
        _cluster.Scheduler.HasExited.ShouldBeFalse();
        _cluster.Workers["host1"].HasExited.ShouldBeFalse();
    }

    private static async Task SendAsync(int port, byte[] bytes)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        try
        {
            await socket.SendAsync(bytes);
        }
        catch (SocketException)
        {
            // Hung up on already: that is what is wanted.
        }
    }
}
