using System.Text.Json;
using GpuActors.Shared.Api;
using static GpuActors.Client.Tests.Answers;

namespace GpuActors.Shell.Tests;

public sealed class OperationsCommandTests : ShellFixture
{
    private static readonly ClusterMember Member = new()
    {
        Address = "10.1.1.1:4700", HttpAddress = "http://10.1.1.1:4780", State = MemberState.Up, Reachable = true,
        Leader = true, Version = "1.2", JoinedAt = DateTimeOffset.UnixEpoch,
    };

    private static readonly JournalEntry Stored = new()
    {
        Ordering = 41, PersistenceId = "session-acme/j1", SequenceNr = 1, At = DateTimeOffset.UnixEpoch,
        Manifest = "job-accepted/1", WriterEpoch = 7, Payload = JsonDocument.Parse("{\"JobId\":\"j1\"}").RootElement,
    };

    [Fact]
    public async Task Nodes_are_listed_and_told_to_leave()
    {
        Server.On("GET /v1/cluster/members", Json(
            new ClusterMemberList { Members = [Member, Member with { Address = "10.1.1.2:4700", Reachable = false, Leader = false }] },
            ApiJsonContext.Default.ClusterMemberList));
        Server.On("POST /v1/cluster/members/10.1.1.1:4700/leave", Json(Member, ApiJsonContext.Default.ClusterMember, 202));

        var result = await Shell.RunAsync("cluster show\ncluster leave 10.1.1.1:4700\ncluster show --json\n", []);

        result.ExitCode.ShouldBe(0, result.Error);
        result.Lines.ShouldContain(l => l.StartsWith("10.1.1.1:4700  up     ok     oldest  http://10.1.1.1:4780"));
        result.Lines.ShouldContain(l => l.StartsWith("10.1.1.2:4700  up     lost"));
        result.Out.ShouldContain("10.1.1.1:4700 hands over and leaves");
        result.Out.ShouldContain("\"leader\": true");
    }

    [Fact]
    public async Task Regions_are_summed_up_or_told_by_node()
    {
        ShardRegionStatus on(string node, int entities) => new()
        {
            Region = "sessions", Node = node, Shards = 64, Entities = entities, Answered = entities > 0,
        };
        Server.On("GET /v1/cluster/regions", Json(
            new ShardRegionList { Regions = [on("a:1", 10), on("b:1", 0)] }, ApiJsonContext.Default.ShardRegionList));
        Server.On("GET /v1/cluster/regions/sessions/shards", Json(
            new ShardList { Region = "sessions", Shards = [new ShardStatus { Shard = "3", Node = "a:1", Entities = 2 }] },
            ApiJsonContext.Default.ShardList));

        var result = await Shell.RunAsync(
            "cluster-sharding list-regions\ncluster-sharding region-stats\ncluster-sharding list-shards sessions\n", []);

        result.ExitCode.ShouldBe(0, result.Error);
        result.Out.ShouldMatch(@"sessions +2 +128 +10\n");
        result.Out.ShouldMatch(@"sessions  a:1 +64 +10\n");
        result.Out.ShouldMatch(@"sessions  b:1 +\? +\?\n");
        result.Out.ShouldMatch(@" 3  a:1 +2\n");
    }

    [Fact]
    public async Task Actors_are_listed_and_a_cut_list_says_so()
    {
        Server.On("GET /v1/actors", Json(
            new ActorList
            {
                Actors = [new ActorStatus { Path = "/user/sessions", Type = "ShardRegion", Activity = "idle", Children = 128 }],
                More = true,
            },
            ApiJsonContext.Default.ActorList));

        var result = await Shell.RunAsync("actor", "ps", "--path", "/user", "--depth", "1");

        result.Out.ShouldMatch(@"/user/sessions  ShardRegion  idle +0 +128\n");
        result.Error.ShouldContain("--limit");
        Server.To("GET /v1/actors").Single().PathAndQuery.ShouldBe("/v1/actors?path=%2Fuser&depth=1&limit=200");
    }

    [Fact]
    public async Task Actors_in_quarantine_are_named_with_their_problem()
    {
        var list = new QuarantinedActorList
        {
            Actors =
            [
                new QuarantinedActorStatus
                {
                    PersistenceId = "session-acme/j1", Path = "/user/sessions/1/acme!2Fj1", Since = DateTimeOffset.UnixEpoch,
                    Problem = "Recovery failed at the event with sequence number 2.",
                },
            ],
        };
        Server.On(
            "GET /v1/actors/quarantined",
            Json(list, ApiJsonContext.Default.QuarantinedActorList),
            Json(new QuarantinedActorList(), ApiJsonContext.Default.QuarantinedActorList));

        var some = await Shell.RunAsync("actor", "quarantined");
        var none = await Shell.RunAsync("actor", "quarantined");

        some.Out.ShouldMatch(@"session-acme/j1 +1970-01-01 00:00:00Z +Recovery failed .* number 2\.\n");
        none.Out.ShouldNotContain("session-");
    }

    [Fact]
    public async Task The_journal_is_read_to_its_end_page_by_page()
    {
        Server.On("GET /v1/journal", Json(
            new JournalPage { Events = [Stored] }, ApiJsonContext.Default.JournalPage));
        Server.On(
            "GET /v1/journal/replay",
            Json(new JournalPage { Events = [Stored] }, ApiJsonContext.Default.JournalPage),
            Json(new JournalPage(), ApiJsonContext.Default.JournalPage));

        var tail = await Shell.RunAsync("journal", "tail", "--lines", "5");
        var replay = await Shell.RunAsync("journal", "replay", "session-acme/j1", "--json");
        var none = await Shell.RunAsync("journal", "replay", "session-acme/j2");

        tail.Out.ShouldBe("41 1970-01-01 00:00:00Z session-acme/j1 #1 @7 job-accepted/1 {\"JobId\":\"j1\"}\n");
        JsonDocument.Parse(replay.Lines.ShouldHaveSingleItem()).RootElement.GetProperty("writerEpoch").GetInt32().ShouldBe(7);
        Server.To("GET /v1/journal/replay").Select(r => r.PathAndQuery).First().ShouldContain("id=session-acme%2Fj1&from=1");
        (none.ExitCode, none.Out).ShouldBe((1, ""));
        none.Error.ShouldContain("session-acme/j2 has no events");
    }

    [Fact]
    public async Task The_log_is_read_and_its_level_set()
    {
        Server.On("GET /v1/log", Json(
            new LogPage
            {
                Entries =
                [
                    new LogEntry
                    {
                        Sequence = 1, At = DateTimeOffset.UnixEpoch, Severity = LogSeverity.Warning, Category = "A.B",
                        Message = "careful",
                    },
                ],
            },
            ApiJsonContext.Default.LogPage));
        Server.On("PUT /v1/log/levels", Json(
            new LogLevelList { Levels = [new LogLevelSetting { Category = "A", Severity = LogSeverity.Debug }] },
            ApiJsonContext.Default.LogLevelList));

        var peek = await Shell.RunAsync("log", "peek", "--level", "warning");
        var level = await Shell.RunAsync("log", "level", "debug", "--category", "A");
        var wrong = await Shell.RunAsync("log", "level", "loud");

        peek.Out.ShouldBe("1970-01-01 00:00:00Z warning A.B: careful\n");
        level.Out.ShouldMatch(@"A +debug\n");
        Server.To("PUT /v1/log/levels").Single().Body.ShouldBe("""{"category":"A","severity":"debug"}"""u8.ToArray());
        wrong.ExitCode.ShouldBe(2);
    }
}
