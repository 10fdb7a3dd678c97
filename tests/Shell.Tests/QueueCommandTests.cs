using GpuActors.Shared.Api;
using static GpuActors.Client.Tests.Answers;

namespace GpuActors.Shell.Tests;

public sealed class QueueCommandTests : ShellFixture
{
    private static readonly QueueAmountStatus None = new() { Gpus = 0 };

    private static readonly QueueList Queues = new()
    {
        Queues =
        [
            new QueueStatus
            {
                Name = "default", Used = None, Borrowed = None, Scavenged = new QueueAmountStatus { Gpus = 0.5 }, Weight = 1,
            },
            new QueueStatus
            {
                Name = "research", Quota = new QueueAmountStatus { Gpus = 8 }, Limit = new QueueAmountStatus { Gpus = 8 },
                Used = new QueueAmountStatus { Gpus = 6 }, Borrowed = None, Scavenged = None, Running = 6, Waiting = 3, Weight = 1,
                SharePercent = 60,
            },
            new QueueStatus
            {
                Name = "vision", Parent = "research", Quota = new QueueAmountStatus { Gpus = 2 },
                Used = new QueueAmountStatus { Gpus = 6 }, Borrowed = new QueueAmountStatus { Gpus = 4 }, Scavenged = None,
                Running = 6, Waiting = 3, Weight = 2, SharePercent = 60,
                Tenants = [new QueueTenantStatus
                {
                    Tenant = "acme", Used = new QueueAmountStatus { Gpus = 6 }, Scavenged = None, Running = 6, Waiting = 3,
                    SharePercent = 60,
                }],
            },
        ],
    };

    [Fact]
    public async Task Queues_are_listed_as_a_tree_with_their_tenants()
    {
        Server.On("GET /v1/queues", Json(Queues, ApiJsonContext.Default.QueueList));

        var result = await Shell.RunAsync("queue", "list");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Out.ShouldMatch(@"(?m)^default +- +any +0 +0 +0.5 +0 +0 +1 +0 %$");
        result.Out.ShouldMatch(@"(?m)^research +8 +8 +6 +0 +0 +6 +3 +1 +60 %$");
        result.Out.ShouldMatch(@"(?m)^  vision +2 +any +6 +4 +0 +6 +3 +2 +60 %$");
        result.Out.ShouldMatch(@"(?m)^    \(acme\) +6 +0 +6 +3 +60 %$");
    }

    [Fact]
    public async Task Queues_are_listed_as_JSON()
    {
        Server.On("GET /v1/queues", Json(Queues, ApiJsonContext.Default.QueueList));

        var result = await Shell.RunAsync("queue", "list", "--json");

        result.Out.ShouldContain("\"parent\": \"research\"");
        result.Out.ShouldContain("\"borrowed\"");
    }
}
