using System.Diagnostics;

namespace GpuActors.Cluster.Tests;

/// <summary>What a client machine has: <c>pbm</c> compiled ahead of time, and the OpenCL library beside it.</summary>
internal static class ClientPrograms
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(15);

    /// <summary>The repository's folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The OpenCL library.</summary>
    public static string Library => Path.Combine(Root, "artifacts/client/libgpuactors_icd.so");

    /// <summary>Builds them, unless they are up to date.</summary>
    public static Task BuildAsync() => RunAsync(Path.Combine(Root, ".ci/make"), ["Client"], BuildLimit);

    /// <summary>Compiles one of the C programs beside the tests.</summary>
    /// <returns>Its path.</returns>
    public static async Task<string> CompileAsync(string name)
    {
        var binary = Path.Combine(AppContext.BaseDirectory, name);
        var source = Path.Combine(AppContext.BaseDirectory, "Programs", name + ".c");
        await RunAsync("gcc", ["-O1", "-o", binary, source, "-l:libOpenCL.so.1"], TimeSpan.FromMinutes(1));
        return binary;
    }

    private static async Task RunAsync(string program, string[] arguments, TimeSpan limit)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        using var patience = new CancellationTokenSource(limit);
        var errors = await process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        process.ExitCode.ShouldBe(0, errors);
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GpuActors.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"GpuActors.sln is not above {AppContext.BaseDirectory}.");
    }
}
