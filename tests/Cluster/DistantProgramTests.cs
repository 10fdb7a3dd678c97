using GpuActors.LocalCluster.Emulation;

namespace GpuActors.Cluster.Tests;

/// <summary>
/// Unmodified programs whose worker is far away: packets take their time, some are lost, for a while all are. What the
/// programs compute is the same.
/// </summary>
public sealed class DistantProgramTests(DistantCluster fixture) : IClassFixture<DistantCluster>
{
    private static readonly TimeSpan OneMillisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan TenMilliseconds = TimeSpan.FromMilliseconds(10);
    private const double OnePercent = 0.01;

    [NetworkFact]
    public Task Launches_and_events_are_as_on_local_OpenCL_a_millisecond_away() => IsAsHereAsync(new LinkQuality(OneMillisecond));

    [NetworkFact]
    public Task Launches_and_events_are_as_on_local_OpenCL_ten_milliseconds_away() =>
        IsAsHereAsync(new LinkQuality(TenMilliseconds));

    [NetworkFact]
    public async Task Launches_and_events_are_as_on_local_OpenCL_although_packets_are_lost()
    {
        var lost = fixture.Network.Lost;

        await IsAsHereAsync(new LinkQuality(OneMillisecond, OnePercent));
        await IsRightAsync(new LinkQuality(OneMillisecond, OnePercent), CompiledProgram.Of("rounds"), "20", "1000000");

        fixture.Network.Lost.ShouldBeGreaterThan(lost);
    }

    [NetworkFact("/usr/bin/clFFT-client")]
    public async Task ClFft_checks_its_result_ten_milliseconds_away()
    {
        var printed = await RunAsync(new LinkQuality(TenMilliseconds, OnePercent), "clFFT-client", "-c", "-x", "1024");

        printed.ShouldContain("PASS");
    }

    [NetworkFact]
    public Task A_program_goes_on_after_a_pause_of_the_network() => GoesOnAfterAsync(TimeSpan.FromSeconds(3));

    [NetworkFact]
    [Trait("group", "nightly")]
    public Task A_program_goes_on_after_the_network_paused_for_ten_seconds() => GoesOnAfterAsync(TimeSpan.FromSeconds(10));

    [NetworkFact("/usr/bin/clblast_test_xaxpy")]
    [Trait("group", "nightly")]
    public async Task ClBlasts_own_tests_pass_a_millisecond_away_although_packets_are_lost()
    {
        var printed = await RunAsync(new LinkQuality(OneMillisecond, OnePercent), "clblast_test_xaxpy");

        printed.Split(" 36 test(s) passed").Length.ShouldBe(1 + 4, printed);
    }

    /// <summary>Nothing arrives for a while, in the middle of a program's work.</summary>
    private async Task GoesOnAfterAsync(TimeSpan pause)
    {
        fixture.Network.Quality = new LinkQuality(OneMillisecond);
        var enough = Path.Combine(fixture.Cluster.Folder, Path.GetRandomFileName());
        using var program = fixture.Run(CompiledProgram.Of("rounds"), enough, "1000000");
        await Patience.UntilAsync(
            $"the program works: {program.Errors}", () => program.HasEnded || RoundsOf(program) >= 5);
        var lost = fixture.Network.Lost;

        fixture.Network.Quality = LinkQuality.Cut;
        await Task.Delay(pause); // that is what is tried out
        fixture.Network.Lost.ShouldBeGreaterThan(lost);
        program.HasEnded.ShouldBeFalse(program.Output + program.Errors);
        var before = RoundsOf(program);
        fixture.Network.Quality = new LinkQuality(OneMillisecond);

        await Patience.UntilAsync("the program goes on", () => program.HasEnded || RoundsOf(program) > before + 5);
        await File.WriteAllTextAsync(enough, "");
        (await program.ExitAsync()).ShouldBe(0, program.Output + program.Errors);
        program.Output.ShouldEndWith("right\n");
    }

    private async Task IsAsHereAsync(LinkQuality quality)
    {
        var program = CompiledProgram.Of("launches");

        (await RunAsync(quality, program)).ShouldBe(DistantCluster.RunHere(program));
    }

    private async Task IsRightAsync(LinkQuality quality, params string[] program) =>
        (await RunAsync(quality, program)).ShouldEndWith("right\n");

    private async Task<string> RunAsync(LinkQuality quality, params string[] program)
    {
        fixture.Network.Quality = quality;
        using var run = fixture.Run(program);
        (await run.ExitAsync()).ShouldBe(0, run.Output + run.Errors);
        return run.Output;
    }

    private static int RoundsOf(PbmProcess program) => program.Output.Count(letter => letter == '\n');
}
