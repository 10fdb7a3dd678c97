using System.Net;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Tests.Api;

/// <summary>Queues over HTTP: who may use which, and what is told of them.</summary>
public sealed class QueueApiTests : IAsyncLifetime
{
    private SchedulerFixture _scheduler = null!;

    public async Task InitializeAsync() => _scheduler = await SchedulerFixture.StartAsync(
        """
        gpuactors.scheduler.queues.tree {
          research { quota { gpus = 8 } }
          vision { parent = research, tenants = ["acme", "lab-*"], weight = 2, per-tenant { max-waiting = 2 } }
        }
        """);

    public Task DisposeAsync() => _scheduler.DisposeAsync();

    [Fact]
    public async Task A_tenants_jobs_wait_in_its_own_queue_and_others_may_not_use_that()
    {
        using var acme = _scheduler.Client("acme");
        using var other = _scheduler.Client("other");
        using var accepted = await acme.SubmitAsync(Http.Document("j"));
        (await accepted.ReadAsync(HttpStatusCode.Accepted, ApiJsonContext.Default.JobStatus)).Queue.ShouldBe("vision");
        using var refused = await other.SubmitAsync(Http.Document("j", "\"queue\": \"vision\","));
        var problem = await refused.FieldProblemAsync(HttpStatusCode.BadRequest, "/queue");
        problem.Message.ShouldBe(
            "there is no queue 'vision' that tenant 'other' may use; it may use research, default.");
        using var named = await other.SubmitAsync(Http.Document("j2", "\"queue\": \"research\","));
        named.StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task No_more_of_a_tenants_jobs_wait_in_a_queue_than_may()
    {
        using var client = _scheduler.Client("lab-1");
        for (var i = 0; i < 2; i++)
        {
            using var accepted = await client.SubmitAsync(Http.Document($"j{i}"));
            accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
            await UntilWaitingAsync("lab-1", i + 1);
        }

        using var refused = await client.SubmitAsync(Http.Document("j2"));
        (await refused.ProblemAsync(HttpStatusCode.TooManyRequests)).Detail!.ShouldContain(
            "2 jobs of tenant 'lab-1' wait in queue 'vision', as many as may");
        using var again = await client.SubmitAsync(Http.Document("j1"));
        again.StatusCode.ShouldBe(HttpStatusCode.OK, "it is there already");
    }

    [Fact]
    public async Task A_tenant_sees_the_queues_that_it_may_use_and_in_them_itself()
    {
        using var acme = _scheduler.Client("acme");
        using var submitted = await acme.SubmitAsync(Http.Document("j"));
        await UntilWaitingAsync("acme", 1);
        var seen = await ListAsync(acme);
        seen.Queues.Select(queue => queue.Name).ShouldBe(["research", "default", "vision"], ignoreOrder: true);
        var vision = seen.Queues.Single(queue => queue.Name == "vision");
        (vision.Parent, vision.Weight, vision.Waiting).ShouldBe(("research", 2, 1));
        vision.Tenants.Single().Tenant.ShouldBe("acme");
        seen.Queues.Single(queue => queue.Name == "research").Quota!.Gpus.ShouldBe(8);

        using var other = _scheduler.Client("other");
        (await ListAsync(other)).Queues.Select(queue => queue.Name).ShouldBe(["research", "default"], ignoreOrder: true);
    }

    private async Task UntilWaitingAsync(string tenant, int count)
    {
        using var client = _scheduler.Client(tenant, TicketRole.Operator);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while ((await ListAsync(client)).Queues.SelectMany(queue => queue.Tenants)
            .Where(row => row.Tenant == tenant).Sum(row => row.Waiting) != count)
        {
            patience.IsCancellationRequested.ShouldBeFalse($"Waited for {count} waiting jobs of {tenant}.");
            await Task.Yield();
        }
    }

    private static async Task<QueueList> ListAsync(HttpClient client)
    {
        using var response = await client.GetAsync(ApiRoutes.Queues);
        return await response.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.QueueList);
    }
}
