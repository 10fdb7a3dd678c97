using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GpuActors.Scheduler.Tests.Placement;

namespace GpuActors.Scheduler.Tests.Simulation;

/// <summary><c>pbm simulate</c>: the shell's process runs the scheduler's.</summary>
public sealed class ShellSimulationTests
{
    private const int Sigint = 2;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly string Nodes = Path.Combine(OpenbFiles.Folder, "nodes.csv.gz");
    private static readonly string Pods = Path.Combine(OpenbFiles.Folder, "pods_default.csv.gz");

    [Fact]
    public async Task The_shell_gives_back_what_the_simulator_says()
    {
        using var shell = Start(
            "simulate", "--nodes", Nodes, "--pods", Pods, "--policies", "packing", "dot-prod", "--seeds", "1",
            "--json");
        var (exit, output, error) = await EndOf(shell);

        exit.ShouldBe(0, error);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(10);
        JsonDocument.Parse(lines[^1], default).RootElement.GetProperty("policy").GetString().ShouldBe("dot-prod");
    }

    [Fact]
    public async Task A_wrong_file_ends_the_shell_with_its_code_for_that()
    {
        using var shell = Start("simulate", "--nodes", "/no/such.csv", "--pods", Pods, "--policies", "fgd");
        var (exit, output, error) = await EndOf(shell);

        (exit, output).ShouldBe((2, ""));
        error.ShouldStartWith("error: /no/such.csv cannot be read: ");
    }

    [Fact]
    public async Task A_signal_to_the_shell_ends_the_simulation()
    {
        using var shell = Start(
            "simulate", "--nodes", Nodes, "--pods", Pods, "--policies", "fgd", "--seeds", "10000", "--threads", "1");

        // The first line of progress: by then the simulator heeds signals.
        var line = await shell.StandardError.ReadLineAsync().WaitAsync(Deadline);
        line.ShouldNotBeNull().ShouldStartWith("simulating: fgd");
        using var kill = Process.Start(
            "kill", [string.Create(CultureInfo.InvariantCulture, $"-{Sigint}"), $"{shell.Id}"]);
        await kill.WaitForExitAsync();
        var (exit, output, error) = await EndOf(shell);

        (exit, output).ShouldBe((130, ""));
        error.ShouldEndWith("interrupted\n");
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "GpuActors.Shell.dll"));
        Array.ForEach(arguments, start.ArgumentList.Add);
        start.Environment["GPUACTORS_SCHEDULER"] = Path.Combine(AppContext.BaseDirectory, "GpuActors.Scheduler.dll");
        return Process.Start(start)!;
    }

    private static async Task<(int Exit, string Output, string Error)> EndOf(Process process)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"The shell did not end within {Deadline}.");
        }
    }
}
