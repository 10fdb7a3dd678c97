using System.Diagnostics;
using System.Globalization;
using GpuActors.Client;
using GpuActors.Shared.Api;

namespace GpuActors.Cluster.Tests;

/// <summary>
/// Programs that nobody starts by <c>pbm run</c>: the OpenCL library is there, variables ask for a GPU, and however the
/// program ends, the GPU is free again.
/// </summary>
public sealed class LeasingProgramTests(OneWorkerCluster fixture) : IClassFixture<OneWorkerCluster>, IAsyncLifetime
{
    private const string FoundOne = "0 1\n";
    private const string FoundNone = "-1 0\n"; // CL_DEVICE_NOT_FOUND
    private static readonly (string Name, string Value) Whole = ("GPUACTORS_WHOLE", "1");

    private readonly LocalCluster.LocalCluster _cluster = fixture.Cluster;
    private string _program = "";

    public async Task InitializeAsync()
    {
        await ClientPrograms.BuildAsync();
        _program = await ClientPrograms.CompileAsync("lease");
    }

    public Task DisposeAsync() => AllIsFreeAsync();

    [Fact]
    public async Task A_program_finds_what_its_variables_ask_for_and_gives_it_back_at_its_end()
    {
        using var program = Start("clinfo", [], ("GPUACTORS_MEMORY", "256MiB"), ("GPUACTORS_MODEL", "no-such, *"));

        (await program.ExitAsync()).ShouldBe(0, program.Errors);
        program.Output.ShouldContain("Number of platforms                               1");
        program.Output.ShouldContain("Number of devices                                 1");
        program.Output.ShouldContain("268435456 (256MiB)");
        program.Errors.ShouldBeEmpty();
        await AllIsFreeAsync();
    }

    [Fact]
    public async Task Without_a_variable_that_says_how_much_nothing_is_asked_for()
    {
        var before = await CountSessionsAsync();
        using var program = Start(_program, ["end"], ("GPUACTORS_POOL", "default"), ("GPUACTORS_WHOLE", "0"));

        await program.ExitAsync();
        (program.Output, program.Errors).ShouldBe((FoundNone, ""));
        (await CountSessionsAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task It_is_free_again_when_the_program_is_killed()
    {
        using var program = Start(_program, ["stay"], Whole);
        await FoundAsync(program);

        program.Kill();
        await AllIsFreeAsync();
    }

    [Fact]
    public async Task It_is_free_again_when_the_program_becomes_another_one()
    {
        using var program = Start(_program, ["become", "sleep", "1000"], Whole);
        await FoundAsync(program);

        await AllIsFreeAsync();
        Process.GetProcessById(program.Id).HasExited.ShouldBeFalse();
        program.Kill();
    }

    [Fact]
    public async Task It_is_free_again_when_only_a_child_of_the_program_goes_on()
    {
        using var program = Start(_program, ["fork"], Whole);
        (await program.ExitAsync()).ShouldBe(0, program.Errors);
        using var child = Process.GetProcessById(int.Parse(program.Output.Split('\n')[1], CultureInfo.InvariantCulture));

        await AllIsFreeAsync();
        child.HasExited.ShouldBeFalse();
        child.Kill();
    }

    [Fact]
    public async Task The_program_has_no_child_no_other_handlers_and_no_descriptors_to_pass_on()
    {
        using var program = Start(_program, ["alone"], Whole);

        (await program.ExitAsync()).ShouldBe(0, program.Errors);
        program.Output.ShouldBe(FoundOne + "children: none\nSIGCHLD: as it was\ndescriptors to pass on: 0 more\n");
    }

    [Fact]
    public async Task One_program_after_the_other_gets_the_whole_GPU()
    {
        using var programs = Start("sh", ["-c", $"{_program} end; {_program} end"], Whole);

        (await programs.ExitAsync()).ShouldBe(0, programs.Errors);
        programs.Output.ShouldBe(FoundOne + FoundOne);
    }

    [Fact]
    public async Task A_wait_is_said_and_when_it_is_over_there_is_no_device()
    {
        using var holder = Start(_program, ["stay"], Whole);
        await FoundAsync(holder);
        using var program = Start(_program, ["end"], Whole, ("GPUACTORS_WAIT", "5s"));

        await program.ExitAsync();
        program.Output.ShouldBe(FoundNone);
        var lines = program.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(2, program.Errors);
        lines[0].ShouldStartWith("GpuActors: session s-");
        lines[0].ShouldContain("waits");
        lines[1].ShouldBe("GpuActors: no GPU could be leased: The GPU was not to be had within 5s.");
        holder.Kill();
    }

    [Fact]
    public async Task A_program_that_is_killed_while_it_waits_asks_for_nothing_any_more()
    {
        using var holder = Start(_program, ["stay"], Whole);
        await FoundAsync(holder);
        using var program = Start(_program, ["end"], Whole);
        using var client = _cluster.Client();
        await Patience.UntilAsync("the program waits", async () => (await OpenAsync(client)).Any(s => s.State == JobState.Queued));

        program.Kill();
        await Patience.UntilAsync("nobody waits", async () => (await OpenAsync(client)).All(s => s.State == JobState.Running));
        holder.Kill();
    }

    [Theory]
    [InlineData("GPUACTORS_PROFILE", "9g.none", "no GPU could be leased: ")]
    [InlineData("GPUACTORS_FRACTION", "much", "--fraction must be a number above 0 and at most 1; it is 'much'.")]
    public async Task What_is_refused_is_said_in_one_line(string name, string value, string message)
    {
        using var program = Start(_program, ["end"], (name, value));

        await program.ExitAsync();
        program.Output.ShouldBe(FoundNone);
        program.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldContain(message);
    }

    [Fact]
    public async Task A_launcher_that_is_not_there_is_said()
    {
        using var program = Start(_program, ["end"], Whole, ("GPUACTORS_LAUNCHER", "/nowhere/pbm"));

        await program.ExitAsync();
        program.Output.ShouldBe(FoundNone);
        program.Errors.ShouldBe(
            "GpuActors: no GPU could be leased: GPUACTORS_LAUNCHER names /nowhere/pbm, which is not there\n");
    }

    private PbmProcess Start(string program, string[] arguments, params (string Name, string Value)[] variables) =>
        PbmProcess.Start(_cluster, program, arguments, new Dictionary<string, string>(
            variables.Select(variable => KeyValuePair.Create(variable.Name, variable.Value)))
        {
            ["OCL_ICD_VENDORS"] = ClientPrograms.Library,
        });

    private static Task FoundAsync(PbmProcess program) =>
        Patience.UntilAsync("the program has its device", () => program.Output == FoundOne);

    private static async Task<IReadOnlyList<SessionStatus>> OpenAsync(GpuActorsClient client) =>
        (await client.Sessions.ListAsync(new SessionQuery())).Sessions;

    private async Task<int> CountSessionsAsync()
    {
        using var client = _cluster.Client();
        return (await client.Sessions.ListAsync(new SessionQuery { All = true, Limit = 1000 })).Sessions.Count;
    }

    /// <summary>Nobody holds anything.</summary>
    private async Task AllIsFreeAsync()
    {
        using var client = _cluster.Client();
        await Patience.UntilAsync("no session is open", async () => (await OpenAsync(client)).Count == 0);
        await Patience.UntilAsync("no slice is taken", async () => (await client.Cluster.ListSlicesAsync()).Count == 0);
    }
}
