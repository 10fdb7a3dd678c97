using System.Net;
using System.Net.Http.Headers;
using GpuActors.Node.Metrics;
using GpuActors.Shared.Api;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Security;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Node.Tests;

public sealed class MetricsServerTests : MetricsFixture
{
    private readonly TicketAuthority _tickets =
        new(ClusterSecret.FromText("correct horse battery staple 1"), TimeProvider.System);

    private Health _health = new() { Status = HealthState.Ok };

    [Fact]
    public async Task On_loopback_metrics_and_health_are_told_to_everybody()
    {
        Metrics.CreateMeter("GpuActors.Test").CreateGauge<int>("test.served").Record(4);
        await using var server = await StartAsync("127.0.0.1");
        using var client = new HttpClient { BaseAddress = new Uri(server.Address) };

        using var answer = await client.GetAsync("/metrics");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        Exposition.Parse(await answer.Content.ReadAsStringAsync()).Value("gpuactors_test_served").ShouldBe(4);

        using var well = await client.GetAsync("/health");
        (well.StatusCode, await well.Content.ReadAsStringAsync()).ShouldBe((HttpStatusCode.OK, """{"status":"ok"}"""));
        _health = new Health { Status = HealthState.Failing, Detail = "No scheduler." };
        using var ill = await client.GetAsync("/health");
        ill.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await ill.Content.ReadAsStringAsync()).ShouldContain("No scheduler.");
        using var other = await client.GetAsync("/v1/jobs");
        other.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Over_the_network_metrics_want_a_ticket_of_a_monitor_or_an_operator()
    {
        await using var server = await StartAsync("0.0.0.0");
        var address = new UriBuilder(server.Address) { Host = "127.0.0.1" }.Uri;

        (await StatusAsync(address, null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(address, "gat1.x.y")).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(address, Ticket(TicketRole.Tenant))).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(address, Ticket(TicketRole.Worker))).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(address, Ticket(TicketRole.Monitor))).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(address, Ticket(TicketRole.Operator))).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(address, null, "/health")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        await using var first = await StartAsync("127.0.0.1");
        var port = new Uri(first.Address).Port;

        var error = await Should.ThrowAsync<IOException>(() => StartAsync("127.0.0.1", port));

        error.Message.ShouldContain($"127.0.0.1:{port}");
    }

    private Task<MetricsServer> StartAsync(string host, int port = 0) => MetricsServer.StartAsync(
        new MetricsHttpSettings(Enabled: true, host, port),
        Metrics,
        () => Task.FromResult(_health),
        _tickets,
        NullLoggerFactory.Instance,
        CancellationToken.None);

    private string Ticket(TicketRole role) => _tickets.Issue("test", "t", role, TimeSpan.FromMinutes(5));

    private static async Task<HttpStatusCode> StatusAsync(Uri address, string? ticket, string path = "/metrics")
    {
        using var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Authorization = ticket is null ? null : new AuthenticationHeaderValue("Bearer", ticket);
        using var answer = await client.GetAsync(path);
        return answer.StatusCode;
    }
}
