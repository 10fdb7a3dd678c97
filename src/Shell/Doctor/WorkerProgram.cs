using System.Diagnostics;
using GpuActors.Shared.Diagnosis;
using GpuActors.Shell.Commands;

namespace GpuActors.Shell.Doctor;

/// <summary>Lets the worker's own program look at this machine: it knows devices and executors, the shell does not.</summary>
internal static class WorkerProgram
{
    /// <summary>Where it is: a .NET assembly, or anything that can be run. The <c>pbm</c> script sets it.</summary>
    public const string Variable = "GPUACTORS_WORKER";

    /// <summary>Tells the <c>pbm</c> script which program it is asked for.</summary>
    private const string WantedProgram = "GPUACTORS_PROGRAM";

    private const string AssemblyName = "GpuActors.Worker.dll";

    /// <summary>Runs its checks.</summary>
    /// <param name="call">The command.</param>
    /// <param name="configFile">The worker's configuration; null: the defaults.</param>
    /// <param name="heard">Gets each check as soon as it is done.</param>
    public static async Task CheckAsync(CommandCall call, string? configFile, Action<HostCheck> heard)
    {
        using var process = Process.Start(StartOf(call, configFile))!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(call.CancellationToken);
        var checks = 0;
        try
        {
            while (await process.StandardOutput.ReadLineAsync(call.CancellationToken) is { } line)
            {
                if (HostCheck.TryParse(line) is { } check)
                {
                    checks++;
                    heard(check);
                }
            }

            await process.WaitForExitAsync(call.CancellationToken);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        if (checks == 0 || process.ExitCode is not (ExitCodes.Ok or ExitCodes.Failed))
        {
            heard(HostCheck.Failure(
                "worker.program", $"The worker's program ended with {process.ExitCode}: {(await errors).Trim()}", "it checks this machine",
                "If a driver of OpenCL has ended it, clinfo will end the same way: reinstall that driver."));
        }
    }

    private static ProcessStartInfo StartOf(CommandCall call, string? configFile)
    {
        var program = call.Environment.Variable(Variable) is { Length: > 0 } named ? named : BesideTheShell();
        var isAssembly = program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        string[] arguments = configFile is null ? ["check"] : ["check", "--config", configFile];
        var start = new ProcessStartInfo(isAssembly ? "dotnet" : program, isAssembly ? [program, .. arguments] : arguments)
        {
            WorkingDirectory = call.Environment.WorkingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[WantedProgram] = "worker";
        return start;
    }

    private static string BesideTheShell()
    {
        var beside = Path.Combine(AppContext.BaseDirectory, AssemblyName);
        return File.Exists(beside)
            ? beside
            : throw new UsageException(
                $"A worker's host is checked by the worker's program, and there is no {beside}. Start the shell with ./pbm, "
                    + $"which builds it, or name it in {Variable}.");
    }
}
