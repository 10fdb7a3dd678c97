using System.Net;
using System.Reflection;
using System.Text.Json;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Tests.Api;

public sealed class InventoryApiTests(SchedulerFixture scheduler) : IClassFixture<SchedulerFixture>
{
    [Fact]
    public async Task A_cluster_without_workers_says_so()
    {
        using var client = scheduler.Client("op", TicketRole.Operator);
        using var hosts = await client.GetAsync("/v1/hosts");
        using var gpus = await client.GetAsync("/v1/gpus");
        using var slices = await client.GetAsync("/v1/slices");
        using var status = await client.GetAsync("/v1/status");

        (await hosts.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.HostList)).Hosts.ShouldBeEmpty();
        (await gpus.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.GpuList)).Gpus.ShouldBeEmpty();
        (await slices.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.SliceList)).Slices.ShouldBeEmpty();
        var cluster = await status.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.ClusterStatus);
        cluster.Gpus.ShouldBe(0);
        cluster.StartedAt.ShouldBeLessThanOrEqualTo(cluster.Now);
    }

    [Fact]
    public async Task A_job_that_waits_says_why()
    {
        using var client = scheduler.Client("why");
        using var _ = await client.SubmitAsync(Http.Document("j"));
        using var events = await client.GetAsync("/v1/jobs/j/events", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await events.Content.ReadAsStreamAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await reader.ReadLineAsync(patience.Token) is { } line
            && !line.Contains("No host with a GPU", StringComparison.Ordinal))
        {
        }

        using var status = await client.GetAsync("/v1/jobs/j");
        (await status.StatusAsync(HttpStatusCode.OK)).Reason.ShouldNotBeNull().ShouldContain("No host with a GPU");
    }

    [Fact]
    public async Task Whether_work_is_taken_and_what_the_API_offers_is_told_to_everybody()
    {
        using var client = scheduler.Bearer(null);
        using var health = await client.GetAsync("/health");
        (await health.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.Health)).Status.ShouldBe(HealthState.Ok);

        using var document = JsonDocument.Parse(await client.GetStringAsync("/openapi/v1.json"));
        var paths = document.RootElement.GetProperty("paths");
        var routes = typeof(ApiRoutes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!).ToArray();
        paths.EnumerateObject().Select(path => path.Name).ShouldBe(routes, ignoreOrder: true);
        foreach (var operation in paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject()))
        {
            operation.Value.GetProperty("summary").GetString().ShouldNotBeNullOrEmpty();
        }

        var submit = paths.GetProperty(ApiRoutes.Jobs).GetProperty("post");
        submit.GetProperty("responses").EnumerateObject().Select(r => r.Name)
            .ShouldBe(["200", "202", "400", "409", "413", "415", "429", "503"], ignoreOrder: true);
    }
}
