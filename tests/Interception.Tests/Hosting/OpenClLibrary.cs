namespace GpuActors.Interception.Tests.Hosting;

/// <summary>The library as programs get it: compiled ahead of time.</summary>
internal static class OpenClLibrary
{
    /// <summary>Compiles it, unless it is up to date.</summary>
    /// <returns>Path of the shared library.</returns>
    public static async Task<string> PublishAsync()
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

    private static string Root()
    {
        // From where the tests run upwards: the sources' path may be another one by then.
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GpuActors.sln")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException($"GpuActors.sln is not above {AppContext.BaseDirectory}");
    }
}
