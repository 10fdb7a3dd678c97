namespace GpuActors.Shell.Tests;

/// <summary><c>pbm simulate</c> and <c>size</c>, with a script in the simulator's place.</summary>
public sealed class SimulationCommandTests : IDisposable
{
    private readonly ShellProcess _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Options_and_exit_code_are_passed_on()
    {
        Simulator("""echo "$@"; exit 7""");

        var result = await _shell.RunAsync(
            "simulate", "--nodes", "a b.csv", "--policies", "fgd", "packing", "--seeds=3", "--queue", "--json");

        result.ExitCode.ShouldBe(7);
        result.Out.ShouldBe(
            "simulate --nodes a b.csv --policies fgd --policies packing --seeds 3 --queue --json\n");
    }

    [Fact]
    public async Task A_simulator_that_is_not_there_exits_with_2_and_says_where_it_should_be()
    {
        _shell.Set("GPUACTORS_SCHEDULER", "");

        var result = await _shell.RunAsync("size", "--workload", "x.json");

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("GPUACTORS_SCHEDULER");
    }

    private void Simulator(string script)
    {
        var path = _shell.Write("simulator", "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        _shell.Set("GPUACTORS_SCHEDULER", path);
    }
}
