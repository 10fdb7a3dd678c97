using System.Globalization;
using GpuActors.Interception.Tests.Hosting;

namespace GpuActors.Interception.Tests;

/// <summary>Programs that take a minute; <c>./test --all</c> runs them.</summary>
[Collection(SessionTests.Name)]
[Trait("group", "nightly")]
public sealed class SlowProgramTests(SessionFixture fixture) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-programs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ProgramFact("/usr/bin/clpeak")]
    public async Task Clpeak_measures_everything()
    {
        var result = await RunAsync("clpeak");

        string[] parts =
            ["Global memory bandwidth", "Single-precision compute", "Double-precision compute", "Integer compute",
             "Transfer bandwidth", "Kernel launch latency"];
        foreach (var part in parts)
        {
            result.Output.ShouldContain(part);
        }
    }

    [ProgramFact("/usr/bin/hashcat")]
    public async Task Hashcat_measures_its_speed()
    {
        var result = await RunAsync("hashcat", "-b", "-m", "0", "--runtime", "20", "--force", "--machine-readable");

        var speed = result.Output.Split('\n').First(line => line.StartsWith("1:0:", StringComparison.Ordinal)).Split(':')[5];
        double.Parse(speed, CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
    }

    [ProgramFact("/usr/bin/clblast_test_xgemv")]
    public async Task ClBlasts_tests_of_matrix_and_vector_pass()
    {
        var result = await RunAsync("clblast_test_xgemv");

        // In four precisions, 216 or 324 of each; there are no halves.
        result.Output.Split(" test(s) passed").SkipLast(1)
            .Sum(before => int.Parse(before[(before.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture))
            .ShouldBe(1080, result.ToString());
        result.Output.Split(" 0 test(s) failed").Length.ShouldBe(1 + 4, result.ToString());
    }

    private async Task<ProgramResult> RunAsync(string program, params string[] arguments)
    {
        var result = await fixture.RunAsync(
            program, arguments, folder: _folder, variables: new Dictionary<string, string> { ["HOME"] = _folder });
        result.ExitCode.ShouldBe(0, result.ToString());
        return result;
    }
}
