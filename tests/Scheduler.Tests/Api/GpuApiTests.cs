using System.Net;
using GpuActors.Actors;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Tests.Placement;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Tests.Api;

public sealed class GpuApiTests : IAsyncLifetime
{
    private SchedulerFixture _scheduler = null!;
    private HttpClient _operator = null!;

    public async Task InitializeAsync()
    {
        _scheduler = await SchedulerFixture.StartAsync("gpuactors.scheduler.max-vgpus-per-session = 2");
        _operator = _scheduler.Client("op", TicketRole.Operator);
    }

    public async Task DisposeAsync()
    {
        _operator.Dispose();
        await _scheduler.DisposeAsync();
    }

    [Fact]
    public async Task An_operators_mode_is_set_told_audited_and_outlasts_a_restart()
    {
        await JoinAsync();
        var set = await ExpectAsync("h/1", "mig");
        (set.Mode, set.ModeSetting, set.Line).ShouldBe((GpuMode.Mig, GpuMode.Mig, 8));
        set.LineFree.Count.ShouldBe(8);
        var profile = set.Profiles.ShouldNotBeNull().Single(known => known.Name == "2g.10gb");
        (profile.Fits, profile.Size, profile.ComputeUnits).ShouldBe((3, 2, 28));
        profile.Starts.ShouldBe([0, 2, 4]);

        using var journal = await _operator.GetAsync("/v1/journal?tag=host:h&limit=100");
        var audited = (await journal.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.JournalPage)).Events
            .Single(stored => stored.Manifest == "cell.gpu-mode-set.v1");
        audited.Payload.GetProperty("by").GetString().ShouldBe("op/test");
        audited.Payload.GetProperty("mode").GetString().ShouldBe("mig");

        _operator.Dispose();
        await _scheduler.RestartAsync();
        _operator = _scheduler.Client("op", TicketRole.Operator);
        await JoinAsync();
        (await ShowAsync("h/1")).ModeSetting.ShouldBe(GpuMode.Mig);
        (await ShowAsync("h/0")).ModeSetting.ShouldBeNull();
        (await ExpectAsync("h/1", "auto")).Mode.ShouldBeNull();
    }

    [Fact]
    public async Task A_GPU_in_use_keeps_its_mode_and_its_sessions_are_named()
    {
        await JoinAsync();
        using var tenant = _scheduler.Client("acme");
        using var _ = await tenant.SubmitAsync(Http.Document("j1", gpu: "\"profile\": \"3g.20gb\""));
        var used = await AwaitAsync(gpus => gpus.FirstOrDefault(gpu => gpu.Slices.Count > 0));
        (used.Mode, used.ModeSetting, used.Line).ShouldBe((GpuMode.Mig, null, 8));
        used.LineFree.ShouldBe([0, 1, 2, 3]);
        var slice = used.Slices.Single();
        (slice.Mode, slice.Profile, slice.Start, slice.Size, slice.ComputeUnits).ShouldBe((GpuMode.Mig, "3g.20gb", 4, 4, 42));

        using var never = await PutAsync(used.Id, "sriov");
        await never.ProblemAsync(HttpStatusCode.UnprocessableEntity);
        using var refused = await PutAsync(used.Id, "vgpu");
        (await refused.ProblemAsync(HttpStatusCode.Conflict)).Detail.ShouldNotBeNull().ShouldContain("acme/j1 own slices of it");
        var profiles = (await ShowAsync(used.Id)).Profiles.ShouldNotBeNull();
        profiles.ShouldAllBe(profile => profile.Mode == GpuMode.Mig);
        profiles.Single(profile => profile.Name == "1g.5gb").Fits.ShouldBe(4);
        profiles.Single(profile => profile.Name == "4g.20gb").Fits.ShouldBe(1);
        profiles.Single(profile => profile.Name == "7g.40gb").Fits.ShouldBe(0);

        using var cancelled = await tenant.PostAsync("/v1/jobs/j1/cancel", null);
        await AwaitAsync(gpus => gpus.All(gpu => gpu.Slices.Count == 0) ? gpus[0] : null);
        (await ExpectAsync(used.Id, "vgpu")).Mode.ShouldBe(GpuMode.Vgpu);
    }

    [Fact]
    public async Task A_job_that_waits_for_a_mode_runs_when_it_is_set()
    {
        await JoinAsync();
        foreach (var gpu in new[] { "h/0", "h/1" })
        {
            await ExpectAsync(gpu, "vgpu");
        }

        using var tenant = _scheduler.Client("acme");
        using var _ = await tenant.SubmitAsync(Http.Document("j1", gpu: "\"profile\": \"3g.20gb\""));
        using var waits = await tenant.GetAsync("/v1/jobs/j1?wait=50ms");
        await ExpectAsync("h/1", "mig");
        (await AwaitAsync(gpus => gpus.FirstOrDefault(gpu => gpu.Slices.Count > 0))).Id.ShouldBe("h/1");
    }

    [Theory]
    [InlineData("h/0", "{\"mode\": \"sriov\"}", HttpStatusCode.UnprocessableEntity, "allow passthrough, mig, vgpu, shared, auto")]
    [InlineData("h/0", "{\"mode\": \"cut\"}", HttpStatusCode.UnprocessableEntity, "can't be in mode 'cut'")]
    [InlineData("h/7", "{\"mode\": \"mig\"}", HttpStatusCode.NotFound, "has no GPU 7; it has 0, 1")]
    [InlineData("x/0", "{\"mode\": \"mig\"}", HttpStatusCode.NotFound, "No host 'x'")]
    [InlineData("h/0", "{\"mod\": \"mig\"}", HttpStatusCode.BadRequest, "/mode")]
    [InlineData("h/0", "mig", HttpStatusCode.BadRequest, "passthrough, shared, sriov, vgpu, vgpu-mixed, mig or auto")]
    public async Task A_mode_that_can_t_be_is_refused(string gpu, string body, HttpStatusCode status, string words)
    {
        await JoinAsync();
        using var answer = await _operator.PutAsync(RouteOf(gpu) + "/mode", Http.Content(body));
        (await answer.ProblemAsync(status)).Detail.ShouldNotBeNull().ShouldContain(words);
    }

    [Fact]
    public async Task Tenants_see_GPUs_and_set_nothing()
    {
        await JoinAsync();
        using var tenant = _scheduler.Client("acme");
        using var shown = await tenant.GetAsync(RouteOf("h/0"));
        var gpu = await shown.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.GpuStatus);
        (gpu.Presented, gpu.Name, gpu.Model).ShouldBe((true, "pthread-test", TestGpus.A100));
        using var refused = await tenant.PutAsync(RouteOf("h/0") + "/mode", Http.Content("{\"mode\": \"mig\"}"));
        await refused.ProblemAsync(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("\"profile\": \"A100-5C\", \"count\": 3", "/gpu/count", "must be at most 2: a session may hold so many vGPUs")]
    [InlineData("\"profile\": \"A100-5C\", \"count\": 2", "/gpu/count", "must be 1")]
    [InlineData("\"profile\": \"3g.21gb\", \"model\": \"A100*40GB\"", "/gpu/profile", "there are 1g.5gb, 1g.5gb+me,")]
    public async Task A_job_that_asks_for_what_can_never_be_is_refused_with_the_field(string gpu, string path, string words)
    {
        using var tenant = _scheduler.Client("acme");
        using var refused = await tenant.SubmitAsync(Http.Document("j1", gpu: gpu));
        (await refused.FieldProblemAsync(HttpStatusCode.BadRequest, path)).Message.ShouldContain(words);
    }

    /// <summary>A host with two GPUs joins, as its twin would tell the cell.</summary>
    private async Task JoinAsync()
    {
        GpuMode[] modes = [GpuMode.Passthrough, GpuMode.Mig, GpuMode.Vgpu, GpuMode.Shared];
        var up = new HostUp("h", [TestGpus.Gpu(0, modes: modes), TestGpus.Gpu(1, modes: modes)], 8, 1);
        _scheduler.Regions.TellCell(_scheduler.Regions.Pool, up, ActorRefs.Nobody);
        await AwaitAsync(gpus => gpus.Count > 0 ? gpus[0] : null);
    }

    private async Task<GpuStatus> AwaitAsync(Func<IReadOnlyList<GpuStatus>, GpuStatus?> find)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            using var answer = await _operator.GetAsync("/v1/gpus", patience.Token);
            var gpus = (await answer.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.GpuList)).Gpus;
            if (find(gpus) is { } found)
            {
                return found;
            }
        }
    }

    private async Task<GpuStatus> ShowAsync(string gpu)
    {
        using var answer = await _operator.GetAsync(RouteOf(gpu));
        return await answer.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.GpuStatus);
    }

    private async Task<GpuStatus> ExpectAsync(string gpu, string mode)
    {
        using var answer = await PutAsync(gpu, mode);
        return await answer.ReadAsync(HttpStatusCode.OK, ApiJsonContext.Default.GpuStatus);
    }

    private Task<HttpResponseMessage> PutAsync(string gpu, string mode) =>
        _operator.PutAsync(RouteOf(gpu) + "/mode", Http.Content($"{{\"mode\": \"{mode}\"}}"));

    private static string RouteOf(string gpu) => $"/v1/hosts/{gpu.Split('/')[0]}/gpus/{gpu.Split('/')[1]}";
}
