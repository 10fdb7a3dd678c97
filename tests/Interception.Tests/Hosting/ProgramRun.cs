using System.Diagnostics;

namespace GpuActors.Interception.Tests.Hosting;

/// <summary>How a program ended and what it wrote.</summary>
internal sealed record ProgramResult(string Name, int ExitCode, string Output, string Errors)
{
    public override string ToString() => $"{Name}: exit code {ExitCode}\n{Output}\n{Errors}";
}

/// <summary>Runs programs to their end.</summary>
internal static class ProgramRun
{
    /// <summary>Runs a program; one that does not end in time is killed and fails the test.</summary>
    public static async Task<ProgramResult> RunAsync(
        string file, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, TimeSpan deadline,
        string? folder = null, Action<Process>? started = null)
    {
        var info = new ProcessStartInfo(file)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
            WorkingDirectory = folder ?? AppContext.BaseDirectory,
        };
        foreach (string argument in arguments)
            info.ArgumentList.Add(argument);
        foreach ((string name, string value) in environment)
            info.Environment[name] = value;
        using Process process = Process.Start(info)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        started?.Invoke(process);
        try
        {
            await process.WaitForExitAsync().WaitAsync(deadline);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{file} has not ended after {deadline}:\n{await output}\n{await errors}");
        }
        return new ProgramResult(file, process.ExitCode, await output, await errors);
    }

    /// <summary>Compiles one of the C programs beside the tests.</summary>
    public static async Task<string> CompileAsync(string name)
    {
        string source = Path.Combine(AppContext.BaseDirectory, "Programs", name + ".c");
        string binary = Path.Combine(AppContext.BaseDirectory, name);
        ProgramResult result = await RunAsync(
            "gcc", ["-O1", "-pthread", "-o", binary, source, "-l:libOpenCL.so.1", "-lm"], new Dictionary<string, string>(),
            TimeSpan.FromMinutes(1));
        result.ExitCode.ShouldBe(0, result.ToString());
        return binary;
    }
}
