namespace GpuActors.Interception.Tests.Hosting;

/// <summary>The library as programs get it: compiled ahead of time.</summary>
internal static class OpenClLibrary
{
    /// <summary>Compiles it, unless it is up to date: the one that users get.</summary>
    /// <returns>Path of the shared library.</returns>
    public static async Task<string> PublishAsync()
    {
        string root = Root();
        ProgramResult result = await ProgramRun.RunAsync(
            Path.Combine(root, ".ci/make"), ["Library"], new Dictionary<string, string>(), TimeSpan.FromMinutes(15));
        result.ExitCode.ShouldBe(0, result.ToString());
        return Path.Combine(root, "artifacts/client/libgpuactors_icd.so");
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
