using System.Net;
using GpuActors.Actors.Runtime;
using GpuActors.Node.Tests;
using GpuActors.Shared.Configuration;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Security;
using GpuActors.Worker.Metrics;
using GpuActors.Worker.Tests.Pool;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Worker.Tests.Metrics;

/// <summary>A worker's metrics over HTTP, with a pool of real executors.</summary>
public sealed class WorkerMetricsTests
{
    private readonly KnownUsage _usage = new();

    [Fact]
    public async Task Executors_are_told_by_what_they_do()
    {
        await using var fixture = PoolFixture.Create(settings => settings with { PrestartPerDevice = 1, MaxTotal = 2 });
        await using var metrics = await ServeAsync(fixture);
        using var client = new HttpClient { BaseAddress = new Uri(metrics.Address!) };
        await using (await fixture.AcquireAsync("acme"))
        {
            await Deadlines.Until(() => fixture.Pool.ReadyCount == 1, "another executor is ready");
            var read = await ReadAsync(client);

            read.Value("gpuactors_executors", ("state", "busy")).ShouldBe(1);
            read.Value("gpuactors_executors", ("state", "ready")).ShouldBe(1);
            read.Value("gpuactors_executor_starts_total").ShouldBe(2);
            read.Value("gpuactors_executor_failed_starts_total").ShouldBe(0);
            read.Value("gpuactors_session_start_seconds_count").ShouldBe(1);
            read.Value("gpuactors_session_start_seconds_bucket", ("le", "+Inf")).ShouldBe(1);
            read.Value("gpuactors_node_info", ("role", "worker"), ("name", "gpu-a")).ShouldBe(1);
        }
    }

    [Fact]
    public async Task A_start_that_fails_is_counted()
    {
        await using var fixture = PoolFixture.Create(command: PoolFixture.Script("exit 3"));
        await using var metrics = await ServeAsync(fixture);
        using var client = new HttpClient { BaseAddress = new Uri(metrics.Address!) };
        await Should.ThrowAsync<GpuActors.Worker.Executors.Pool.ExecutorUnavailableException>(
            () => fixture.AcquireAsync("acme"));

        (await ReadAsync(client)).Value("gpuactors_executor_failed_starts_total").ShouldBeGreaterThanOrEqualTo(1);
    }

    [Fact]
    public async Task Slices_are_told_while_their_sessions_run()
    {
        await using var fixture = PoolFixture.Create(command: PoolFixture.Script("exit 3"));
        await using var metrics = await ServeAsync(fixture);
        using var client = new HttpClient { BaseAddress = new Uri(metrics.Address!) };
        _usage.Slices = [KnownUsage.Of("gpu-a/0/s1", "acme/1", 5), KnownUsage.Of("gpu-a/0/s2", "globex/\"2\"\n\\")];
        var both = await ReadAsync(client);
        both.Value("gpuactors_slice_kernels_total", ("slice", "gpu-a/0/s1"), ("tenant", "acme")).ShouldBe(5);
        both.Value("gpuactors_slice_throttled_seconds_total", ("session", "globex/\"2\"\n\\")).ShouldBe(0.5);

        _usage.Slices = [_usage.Slices[1]];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await ReadAsync(client)).Of("gpuactors_slice_kernels_total", ("tenant", "acme")).Any())
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task A_worker_whose_actor_is_not_there_yet_is_starting()
    {
        await using var fixture = PoolFixture.Create(command: PoolFixture.Script("exit 3"));
        await using var metrics = await ServeAsync(fixture);
        using var client = new HttpClient { BaseAddress = new Uri(metrics.Address!) };

        using var health = await client.GetAsync("/health");

        health.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await health.Content.ReadAsStringAsync()).ShouldContain("\"starting\"");
    }

    [Fact]
    public async Task Nothing_is_listened_on_unless_the_settings_want_it()
    {
        await using var fixture = PoolFixture.Create(command: PoolFixture.Script("exit 3"));

        await using var metrics = await ServeAsync(fixture, "gpuactors.worker.metrics.enabled = false");

        metrics.Address.ShouldBeNull();
    }

    private async Task<WorkerMetrics> ServeAsync(
        PoolFixture fixture, string extra = "gpuactors.worker.metrics { enabled = true, port = 0 }")
    {
        const string secret = "correct horse battery staple 1";
        var settings = WorkerSettings.From(ConfigurationFactory.Load(
            [], [$"gpuactors.security.cluster-secret = \"{secret}\", gpuactors.worker.name = gpu-a", extra], _ => null));
        var time = new ProductionRuntime().Time;
        var metrics = new WorkerMetrics(settings, _usage, fixture.Pool, time, NullLoggerFactory.Instance);
        await metrics.ServeAsync(
            settings, () => null, new TicketAuthority(settings.Security.Secret, time), NullLoggerFactory.Instance,
            CancellationToken.None);
        return metrics;
    }

    private static async Task<Exposition> ReadAsync(HttpClient client) =>
        Exposition.Parse(await client.GetStringAsync("/metrics"));
}
