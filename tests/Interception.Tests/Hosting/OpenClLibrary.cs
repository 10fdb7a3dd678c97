using System.Runtime.CompilerServices;

namespace GpuActors.Interception.Tests.Hosting;

/// <summary>The library as programs get it: compiled ahead of time, once for a test run.</summary>
internal static class OpenClLibrary
{
    private static readonly Lazy<Task<string>> Published = new(PublishAsync);

    /// <summary>Path of the shared library.</summary>
    public static Task<string> PathAsync() => Published.Value;

    private static async Task<string> PublishAsync()
    {
        string project = Path.Combine(Root(), "src/Interception/GpuActors.Interception.csproj");
        string configuration = AppContext.BaseDirectory.Contains("release", StringComparison.Ordinal) ? "Release" : "Debug";
        string output = Path.Combine(AppContext.BaseDirectory, "library");
        ProgramResult result = await ProgramRun.RunAsync(
            "dotnet",
            ["publish", project, "-c", configuration, "-o", output, "--nologo", "-v", "q", "-p:RunAnalyzers=false"],
            new Dictionary<string, string>(), TimeSpan.FromMinutes(15));
        string library = Path.Combine(output, "libgpuactors_icd.so");
        File.Exists(library).ShouldBeTrue(result.ToString());
        return library;
    }

    private static string Root([CallerFilePath] string here = "")
    {
        // From where the tests run upwards; the sources' path may be another one on a machine that only runs them.
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GpuActors.sln")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException($"GpuActors.sln is not above {AppContext.BaseDirectory} ({here})");
    }
}
