using System.Net;
using GpuActors.Node.Tests;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Tests.Api;

/// <summary>What a scheduler shows of a host whose sessions run for two tenants.</summary>
public sealed class MetricsApiTests : IAsyncLifetime
{
    private const string Quarter = "\"memory\": \"1GiB\", \"compute\": \"25%\"";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SchedulerFixture _scheduler = new();
    private ReportingHost _host = null!;

    public async Task InitializeAsync()
    {
        await _scheduler.InitializeAsync();
        _host = await ReportingHost.StartAsync("gpu-a", _scheduler.RemotingAddress, SchedulerFixture.Secret);
        foreach (var tenant in new[] { "acme", "globex" })
        {
            using var client = _scheduler.Client(tenant);
            using var submitted = await client.SubmitAsync(Http.Document("j", gpu: Quarter));
            await submitted.StatusAsync(HttpStatusCode.Accepted);
        }
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _scheduler.DisposeAsync();
    }

    [Fact]
    public async Task A_tenant_sees_the_use_of_its_own_slices_only()
    {
        using var operators = _scheduler.Client("op", TicketRole.Operator);
        using var acme = _scheduler.Client("acme");
        using var stranger = _scheduler.Client("acm");
        var all = await UsageAsync(operators, "", 2);

        var own = (await UsageAsync(acme, "", 1)).ShouldHaveSingleItem();

        all.Select(usage => usage.Session).ShouldBe(["acme/j", "globex/j"], ignoreOrder: true);
        (own.Session, own.Tenant).ShouldBe(("acme/j", "acme"));
        own.Slice.ShouldStartWith("gpu-a/0/s");
        own.MemoryBytes.ShouldBe(1L << 29);
        own.BusySeconds.ShouldBe(2 * own.QueuedSeconds);
        own.Kernels.ShouldBe((long)(200 * own.BusySeconds));
        (await UsageAsync(stranger, "", 0)).ShouldBeEmpty();
        (await UsageAsync(operators, "?host=gpu-a", 2)).Count.ShouldBe(2);
        (await UsageAsync(operators, "?host=gpu-b", 0)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Metrics_tell_of_slices_jobs_hosts_and_the_journal()
    {
        using var monitor = _scheduler.Client("monitors", TicketRole.Monitor);

        var read = await MetricsAsync(monitor, m => m.Of("gpuactors_slice_kernels_total").Count() == 2
            && m.Value("gpuactors_jobs", ("state", "running")) == 2);

        (string, string)[] labels = [("tenant", "acme"), ("session", "acme/j"), ("host", "gpu-a"), ("gpu", "gpu-a/0")];
        read.Value("gpuactors_slice_busy_seconds_total", labels).ShouldBeGreaterThan(0);
        read.Value("gpuactors_slice_memory_peak_bytes", labels).ShouldBe(1L << 30);
        read.Value("gpuactors_jobs", ("state", "queued")).ShouldBe(0);
        read.Value("gpuactors_queue_length").ShouldBe(0);
        read.Value("gpuactors_placements_total").ShouldBe(2);
        read.Value("gpuactors_hosts", ("state", "up")).ShouldBe(1);
        read.Value("gpuactors_hosts", ("state", "lost")).ShouldBe(0);
        read.Value("gpuactors_node_info", ("role", "scheduler"), ("name", "test")).ShouldBe(1);
        read.Value("gpuactors_actors_journal_writes_total").ShouldBeGreaterThan(4);
        read.Types["gpuactors_actors_journal_commit_seconds"].ShouldBe("histogram");
        read.Types["dotnet_gc_collections_total"].ShouldBe("counter");
    }

    [Fact]
    public async Task A_session_that_has_ended_vanishes_from_the_metrics()
    {
        using var operators = _scheduler.Client("op", TicketRole.Operator);
        await MetricsAsync(operators, m => m.Of("gpuactors_slice_kernels_total").Count() == 2);

        using var acme = _scheduler.Client("acme");
        using var cancelled = await acme.PostAsync("/v1/jobs/j/cancel", null);
        cancelled.IsSuccessStatusCode.ShouldBeTrue();

        var read = await MetricsAsync(operators, m => m.Of("gpuactors_slice_kernels_total").Count() == 1
            && m.Value("gpuactors_jobs_ended_total", ("state", "cancelled")) == 1);
        read.Samples.Where(s => s.Labels.GetValueOrDefault("tenant") == "acme").ShouldBeEmpty();
        (await UsageAsync(acme, "", 0)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData(TicketRole.Tenant, HttpStatusCode.Forbidden)]
    [InlineData(TicketRole.Worker, HttpStatusCode.Forbidden)]
    [InlineData(TicketRole.Session, HttpStatusCode.Forbidden)]
    [InlineData(TicketRole.Monitor, HttpStatusCode.OK)]
    [InlineData(TicketRole.Operator, HttpStatusCode.OK)]
    public async Task Metrics_are_for_monitors_and_operators(TicketRole? role, HttpStatusCode expected)
    {
        using var client = _scheduler.Bearer(role is { } known ? SchedulerFixture.Ticket("acme", known) : null);

        using var answer = await client.GetAsync("/metrics");

        answer.StatusCode.ShouldBe(expected);
        if (expected == HttpStatusCode.OK)
        {
            answer.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        }
    }

    [Theory]
    [InlineData("/v1/jobs")]
    [InlineData("/v1/usage")]
    [InlineData("/v1/gpus")]
    [InlineData("/v1/log")]
    [InlineData("/metrics/more")]
    public async Task A_monitor_s_ticket_opens_nothing_but_metrics(string path)
    {
        using var monitor = _scheduler.Client("monitors", TicketRole.Monitor);

        using var answer = await monitor.GetAsync(path);

        await answer.ProblemAsync(HttpStatusCode.Forbidden);
    }

    /// <summary>The slices in use, as soon as there are so many.</summary>
    private static async Task<IReadOnlyList<SliceUsageStatus>> UsageAsync(HttpClient client, string query, int count)
    {
        IReadOnlyList<SliceUsageStatus> last = [];
        await UntilAsync(
            async () =>
            {
                using var answer = await client.GetAsync("/v1/usage" + query);
                last = (await answer.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.SliceUsageList)).Slices;
                return last.Count == count;
            },
            () => $"{count} slices in use; there were {last.Count}");
        return last;
    }

    private static async Task<Exposition> MetricsAsync(HttpClient client, Func<Exposition, bool> wanted)
    {
        Exposition? last = null;
        var text = "";
        await UntilAsync(
            async () => wanted(last = Exposition.Parse(text = await client.GetStringAsync("/metrics"))),
            () => "the metrics to be as wanted; they were\n" + text);
        return last!;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, Func<string> what)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await holds())
        {
            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException($"Waited {Patience.TotalSeconds} s for {what()}.");
            }

            await Task.Delay(20);
        }
    }
}
