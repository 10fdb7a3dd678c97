using System.Diagnostics;
using System.Globalization;
using GpuActors.Client;
using GpuActors.Shared.Api;

namespace GpuActors.Cluster.Tests;

/// <summary>
/// Unmodified programs by <c>pbm run</c>: they find the slice that was asked for, and however they end, it is free again.
/// </summary>
public sealed class RemoteProgramTests(OneWorkerCluster fixture) : IClassFixture<OneWorkerCluster>
{
    private const string Ready = "while :; do sleep 1; done";
    private readonly LocalCluster.LocalCluster _cluster = fixture.Cluster;

    [Fact]
    public async Task A_program_sees_its_slice_as_the_only_GPU_and_gives_it_back()
    {
        var (code, output, errors) = await PbmProcess.RunAsync(_cluster, "run", "--memory", "256MiB", "--", "clinfo");

        code.ShouldBe(0, errors);
        output.ShouldContain("Number of platforms                               1");
        output.ShouldContain("Number of devices                                 1");
        output.ShouldContain("268435456 (256MiB)");
        await AllIsFreeAsync();
    }

    [Fact]
    public async Task A_program_with_two_slices_has_them_as_devices_of_one_context()
    {
        var (code, output, errors) = await PbmProcess.RunAsync(
            _cluster, "run", "-n", "2", "--memory", "256MiB", "--", "clinfo");

        code.ShouldBe(0, errors);
        output.ShouldContain("Number of platforms                               1");
        output.ShouldContain("Number of devices                                 2");
        output.ShouldMatch(@"clCreateContextFromType\(NULL, CL_DEVICE_TYPE_ALL\) +Success \(2\)");
        await AllIsFreeAsync();
    }

    [Fact]
    public async Task Its_exit_code_its_input_and_its_output_are_the_programs()
    {
        using var run = PbmProcess.Start(
            _cluster, "run", "--fraction", "0.25", "--", "sh", "-c", "clinfo -l; echo to errors >&2; exit 7");

        (await run.ExitAsync()).ShouldBe(7, run.Errors);
        run.Output.ShouldContain("GpuActors");
        run.Errors.ShouldContain("to errors");
        await AllIsFreeAsync();
    }

    [Fact]
    public async Task Two_programs_at_once_have_a_session_each()
    {
        var both = await Task.WhenAll(
            PbmProcess.RunAsync(_cluster, "run", "--fraction", "0.5", "--", "clinfo", "-l"),
            PbmProcess.RunAsync(_cluster, "run", "--fraction", "0.5", "--", "clinfo", "-l"));

        both.ShouldAllBe(one => one.ExitCode == 0 && one.Output.Contains("Device #0"));
        await AllIsFreeAsync();
    }

    [Fact]
    public async Task A_program_that_is_killed_gives_its_slice_back_at_once()
    {
        var (code, _, errors) = await PbmProcess.RunAsync(_cluster, "run", "--whole", "--", "sh", "-c", "kill -9 $$");

        code.ShouldBe(128 + 9, errors);
        await AllIsFreeAsync();
    }

    [Fact]
    public async Task When_pbm_itself_is_killed_the_slice_is_free_once_the_lease_is_over()
    {
        using var run = PbmProcess.Start(_cluster, "run", "--whole", "--id", "orphan", "--", "sh", "-c", $"echo $$; {Ready}");
        await Patience.UntilAsync("the program runs", () => run.Output.Length > 0);

        run.Kill();

        using var program = Process.GetProcessById(int.Parse(run.Output.Trim(), CultureInfo.InvariantCulture));
        program.Kill();
        var ended = await EndedAsync("orphan");
        ended.State.ShouldBe(JobState.Completed, ended.Reason);
        await AllIsFreeAsync();
    }

    [Fact]
    public async Task What_is_requested_serves_several_commands_until_it_is_released()
    {
        var (code, lines, errors) = await PbmProcess.RunAsync(_cluster, "request", "--fraction", "0.5", "--id", "mine");
        code.ShouldBe(0, errors);
        for (var i = 0; i < 2; i++)
        {
            using var program = Process.Start(new ProcessStartInfo("sh", ["-c", $"{lines}\nclinfo -l"])
            {
                RedirectStandardOutput = true,
            })!;
            (await program.StandardOutput.ReadToEndAsync()).ShouldContain("GpuActors");
        }

        (await PbmProcess.RunAsync(_cluster, "session", "list")).Output.ShouldContain("mine");
        (await PbmProcess.RunAsync(_cluster, "release", "mine")).ExitCode.ShouldBe(0);
        (await EndedAsync("mine")).State.ShouldBe(JobState.Completed);
        await AllIsFreeAsync();
    }

    private async Task<SessionStatus> EndedAsync(string id)
    {
        using var client = _cluster.Client();
        SessionStatus? status = null;
        await Patience.UntilAsync($"session {id} has ended", async () =>
        {
            status = await client.Sessions.GetAsync(id);
            return status.EndedAt is not null;
        });
        return status!;
    }

    /// <summary>Nobody holds anything, and no executor serves anybody.</summary>
    private async Task AllIsFreeAsync()
    {
        using var client = _cluster.Client();
        await Patience.UntilAsync("no session is open", async () =>
            (await client.Sessions.ListAsync(new SessionQuery())).Sessions.Count == 0);
        await Patience.UntilAsync("no slice is taken", async () => (await client.Cluster.ListSlicesAsync()).Count == 0);
    }
}
