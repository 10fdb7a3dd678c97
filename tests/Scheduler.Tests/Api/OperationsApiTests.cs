using System.Net;
using System.Text;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Tests.Api;

public sealed class OperationsApiTests(SchedulerFixture scheduler) : IClassFixture<SchedulerFixture>
{
    [Fact]
    public async Task A_lone_node_is_the_oldest_member_and_up()
    {
        var members = await GetAsync("/v1/cluster/members", ApiJsonContext.Default.ClusterMemberList);

        var self = members.Members.ShouldHaveSingleItem();
        (self.State, self.Reachable, self.Leader, self.Self).ShouldBe((MemberState.Up, true, true, true));
        new Uri(self.HttpAddress.ShouldNotBeNull()).ShouldBe(scheduler.Address);
        self.Address.ShouldStartWith("127.0.0.1:");
    }

    [Theory]
    [InlineData("leave")]
    [InlineData("down")]
    public async Task Only_members_can_leave_or_be_declared_dead(string what)
    {
        using var client = Operator();
        using var answer = await client.PostAsync($"/v1/cluster/members/10.0.0.1:1/{what}", null);

        (await answer.ReadAsync(HttpStatusCode.NotFound, ApiJsonContext.Default.ApiProblem)).Detail
            .ShouldNotBeNull().ShouldContain("There is no scheduler node '10.0.0.1:1'; there are 127.0.0.1:");
        (await GetAsync("/v1/cluster/members", ApiJsonContext.Default.ClusterMemberList)).Members
            .ShouldHaveSingleItem().State.ShouldBe(MemberState.Up);
    }

    [Fact]
    public async Task A_session_is_found_in_its_region_its_shard_and_among_the_actors()
    {
        using var tenant = scheduler.Client("ops");
        using var submitted = await tenant.SubmitAsync(Http.Document("j1"));
        submitted.StatusCode.ShouldBe(HttpStatusCode.Accepted);

        var regions = await GetAsync("/v1/cluster/regions", ApiJsonContext.Default.ShardRegionList);
        regions.Regions.Select(region => region.Region).ShouldBe(["cells", "hosts", "queues", "sessions"]);
        var sessions = regions.Regions.Single(region => region.Region == "sessions");
        sessions.Answered.ShouldBeTrue();
        sessions.Entities.ShouldBeGreaterThanOrEqualTo(1);
        var shards = await GetAsync("/v1/cluster/regions/sessions/shards", ApiJsonContext.Default.ShardList);
        shards.Shards.Sum(shard => shard.Entities).ShouldBeGreaterThanOrEqualTo(1);
        shards.Shards.ShouldAllBe(shard => shard.Node == sessions.Node);

        var actors = await GetAsync("/v1/actors?path=/user/sessions&depth=3", ApiJsonContext.Default.ActorList);
        var session = actors.Actors.Where(actor => actor.Type == "SessionActor")
            .Single(actor => actor.Path.Contains("ops", StringComparison.Ordinal));
        var one = await GetAsync($"/v1/actors?path={Uri.EscapeDataString(session.Path)}", ApiJsonContext.Default.ActorList);
        one.Actors[0].Path.ShouldBe(session.Path);
    }

    [Fact]
    public async Task A_list_of_actors_is_cut_where_asked_and_says_so()
    {
        var actors = await GetAsync("/v1/actors?depth=4&limit=2", ApiJsonContext.Default.ActorList);

        actors.Actors.Select(actor => actor.Path).ShouldBe(["/", "/system", "/user"]);
        actors.More.ShouldBeTrue();
    }

    [Fact]
    public async Task What_a_session_wrote_is_read_by_its_id_and_at_the_journals_end()
    {
        using var tenant = scheduler.Client("audit");
        using var _ = await tenant.SubmitAsync(Http.Document("j1"));

        var replay = await GetAsync("/v1/journal/replay?id=session-audit%2Fj1", ApiJsonContext.Default.JournalPage);
        replay.Events[0].SequenceNr.ShouldBe(1);
        replay.Events[0].Payload.GetProperty("jobId").GetString().ShouldBe("j1");
        var before = replay.Events[0].Ordering - 1;
        var all = await GetAsync($"/v1/journal?after={before}&limit=1", ApiJsonContext.Default.JournalPage);
        all.Events.ShouldHaveSingleItem().PersistenceId.ShouldBe("session-audit/j1");
        var newest = await GetAsync("/v1/journal?limit=1000", ApiJsonContext.Default.JournalPage);
        newest.Events.ShouldContain(stored => stored.PersistenceId == "session-audit/j1" && stored.SequenceNr == 1);
    }

    [Fact]
    public async Task The_log_tells_more_once_its_level_is_lowered()
    {
        using var client = Operator();
        var before = await GetAsync("/v1/log?limit=2000", ApiJsonContext.Default.LogPage);
        before.Entries.ShouldNotBeEmpty();
        before.Entries.ShouldAllBe(entry => entry.Severity >= LogSeverity.Information);

        using var set = await PutLevelAsync(client, """{"category": "Microsoft.AspNetCore", "severity": "debug"}""");
        var levels = await set.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.LogLevelList);
        levels.Levels.Single(level => level.Category == "Microsoft.AspNetCore").Severity.ShouldBe(LogSeverity.Debug);
        using var request = await client.GetAsync("/v1/status");

        var last = before.Entries[^1].Sequence;
        var entries = await GetAsync($"/v1/log?after={last}&limit=2000", ApiJsonContext.Default.LogPage);
        entries.Entries.ShouldContain(entry => entry.Severity == LogSeverity.Debug
            && entry.Category.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
        using var back = await PutLevelAsync(client, """{"category": "Microsoft.AspNetCore", "severity": "warning"}""");
    }

    [Theory]
    [InlineData("""{"severity": "loud"}""")]
    [InlineData("""{"severity": """)]
    [InlineData("null")]
    public async Task A_level_that_is_none_is_refused(string body)
    {
        using var client = Operator();
        using var set = await PutLevelAsync(client, body);

        (await set.ReadAsync(HttpStatusCode.BadRequest, ApiJsonContext.Default.ApiProblem)).Detail
            .ShouldNotBeNull().ShouldContain("severity");
    }

    [Theory]
    [InlineData("GET /v1/actors?path=/user/none", HttpStatusCode.NotFound, "no actor '/user/none'")]
    [InlineData("GET /v1/actors?depth=21", HttpStatusCode.BadRequest, "?depth")]
    [InlineData("GET /v1/cluster/regions/none/shards", HttpStatusCode.NotFound, "there are cells, hosts, queues, sessions")]
    [InlineData("GET /v1/journal?after=x", HttpStatusCode.BadRequest, "?after")]
    [InlineData("GET /v1/journal/replay", HttpStatusCode.BadRequest, "?id")]
    [InlineData("GET /v1/log?level=loud", HttpStatusCode.BadRequest, "?level")]
    public async Task Nonsense_is_refused_with_what_would_be_right(string request, HttpStatusCode status, string words)
    {
        using var client = Operator();
        using var answer = await client.GetAsync(request[4..]);

        (await answer.ReadAsync(status, ApiJsonContext.Default.ApiProblem)).Detail.ShouldNotBeNull().ShouldContain(words);
    }

    [Theory]
    [InlineData(TicketRole.Tenant)]
    [InlineData(TicketRole.Worker)]
    public async Task All_this_is_for_operators_only(TicketRole role)
    {
        using var client = scheduler.Client("nosy", role);
        string[] paths =
        [
            "/v1/cluster/members", "/v1/cluster/events", "/v1/cluster/regions", "/v1/cluster/regions/sessions/shards",
            "/v1/actors", "/v1/journal", "/v1/journal/replay?id=x", "/v1/log", "/v1/log/levels",
        ];
        foreach (var path in paths)
        {
            using var answer = await client.GetAsync(path);
            answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
        }

        var self = (await GetAsync("/v1/cluster/members", ApiJsonContext.Default.ClusterMemberList)).Members[0].Address;
        foreach (var what in new[] { "leave", "down" })
        {
            using var answer = await client.PostAsync($"/v1/cluster/members/{self}/{what}", null);
            answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }

        using var level = await PutLevelAsync(client, """{"severity": "none"}""");
        level.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private static Task<HttpResponseMessage> PutLevelAsync(HttpClient client, string body) => client.PutAsync(
        "/v1/log/levels", new StringContent(body, Encoding.UTF8, "application/json"));

    private HttpClient Operator() => scheduler.Client("op", TicketRole.Operator);

    private async Task<T> GetAsync<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        using var client = Operator();
        using var answer = await client.GetAsync(path);
        return await answer.ReadAsync(HttpStatusCode.OK, type);
    }
}
