using System.Diagnostics;

namespace GpuActors.Cluster.Tests;

/// <summary>A C program beside the tests, compiled as any OpenCL program is.</summary>
internal static class CompiledProgram
{
    private static readonly Lock Compiling = new();

    /// <summary>Compiles it, and gives its path.</summary>
    public static string Of(string name)
    {
        var source = Path.Combine(AppContext.BaseDirectory, "Programs", name + ".c");
        var program = Path.Combine(AppContext.BaseDirectory, "Programs", name);
        lock (Compiling)
        {
            using var compiler = Process.Start(new ProcessStartInfo(
                "gcc", ["-O1", "-pthread", "-o", program, source, "-l:libOpenCL.so.1", "-lm"]) { RedirectStandardError = true })!;
            var errors = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            compiler.ExitCode.ShouldBe(0, errors);
        }

        return program;
    }
}
