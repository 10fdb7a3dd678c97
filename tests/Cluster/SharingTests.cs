using GpuActors.Client;
using GpuActors.LocalCluster;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;

namespace GpuActors.Cluster.Tests;

/// <summary>One GPU that several share, cut in whatever way the jobs and its operator want.</summary>
public sealed class SharingTests
{
    private const string Host = "host1";
    private const string Gpu = "0";
    private const int Slices = 7;

    [Fact]
    public async Task A_GPU_is_cut_into_seven_slices_and_then_into_vGPUs_by_the_jobs_that_come()
    {
        await using var cluster = await LocalCluster.LocalCluster.StartAsync(new LocalClusterSettings
        {
            Workers = 1, ExtraConfig = "gpuactors.worker.devices.presents-as = \"A100-SXM4-40GB\"",
        });
        using var client = cluster.Client();
        using var patience = Patience.ForTest();
        await Patience.UntilAsync("the host is up", async () =>
            (await client.Cluster.ListHostsAsync(patience.Token)) is [{ State: HostState.Up }]);

        for (var i = 0; i < Slices; i++)
        {
            await client.Jobs.SubmitAsync(OnProfile(TestJobs.Long(TestJobs.Id("mig", i), 100_000), "1g.5gb"), patience.Token);
        }

        await UntilAsync(client, "seven slices", gpu => gpu is { Mode: GpuMode.Mig, Slices.Count: Slices, LineFree: [7] });
        await client.Jobs.SubmitAsync(OnProfile(TestJobs.Number("eighth", 8), "1g.5gb"), patience.Token);
        await UntilWaitingAsync(client, "eighth", "without another 1g.5gb to give");
        var refused = await Should.ThrowAsync<GpuActorsException>(
            () => client.Operations.SetGpuModeAsync(Host, Gpu, "vgpu", patience.Token));
        refused.Message.ShouldContain("slices");

        await client.Jobs.CancelAsync("mig-3", patience.Token);
        var eighth = await client.Jobs.WaitAsync("eighth", patience.Token);
        TestJobs.FirstNumber(await client.Jobs.ReadOutputAsync(eighth, "numbers", patience.Token)).ShouldBe(8);
        for (var i = 0; i < Slices; i++)
        {
            if (i != 3)
            {
                await client.Jobs.CancelAsync(TestJobs.Id("mig", i), patience.Token);
            }
        }

        await UntilAsync(client, "an empty GPU", gpu => gpu is { Mode: null, Slices.Count: 0 });
        await client.Jobs.SubmitAsync(OnProfile(TestJobs.Long("vgpu", 100_000), "A100-10C"), patience.Token);
        await UntilAsync(client, "a vGPU", gpu => gpu is { Mode: GpuMode.Vgpu, Slices: [{ Profile: "A100-10C" }] });
        await client.Jobs.SubmitAsync(OnProfile(TestJobs.Number("larger", 1), "A100-20C"), patience.Token);
        await UntilWaitingAsync(client, "larger", "another size than A100-20C");
        await client.Jobs.CancelAsync("vgpu", patience.Token);
        (await client.Jobs.WaitAsync("larger", patience.Token)).State.ShouldBe(JobState.Completed);
    }

    private static JobDocument OnProfile(JobDocument job, string profile) =>
        job with { Gpu = new GpuRequest { Profile = profile } };

    private static Task UntilAsync(GpuActorsClient client, string what, Func<GpuStatus, bool> reached) =>
        Patience.UntilAsync(what, async () => reached(await client.Cluster.GetGpuAsync(Host, Gpu)));

    private static Task UntilWaitingAsync(GpuActorsClient client, string job, string reason) =>
        Patience.UntilAsync($"{job} waits since '{reason}'", async () =>
            await client.Jobs.GetAsync(job) is { State: JobState.Queued, Reason: { } said }
            && said.Contains(reason, StringComparison.Ordinal));
}
