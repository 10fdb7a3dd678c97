namespace GpuActors.Shell.Sessions;

/// <summary>The library by which a program's OpenCL loader finds remote GPUs.</summary>
internal static class IcdLibrary
{
    /// <summary>Where it is: the library itself, or its folder.</summary>
    public const string Variable = "GPUACTORS_ICD";

    private const string FileName = "libgpuactors_icd.so";

    /// <summary>Its full path: as the variable says, otherwise beside the shell.</summary>
    /// <exception cref="UsageException">It is not there.</exception>
    public static string Find(ShellEnvironment environment)
    {
        if (environment.Variable(Variable) is { Length: > 0 } named)
        {
            var path = Path.GetFullPath(named, environment.WorkingFolder);
            path = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
            return File.Exists(path) ? path : throw new UsageException($"{Variable} names {path}, which is not there.");
        }

        var beside = Path.Combine(AppContext.BaseDirectory, FileName);
        return File.Exists(beside)
            ? beside
            : throw new UsageException(
                $"Programs reach remote GPUs through the OpenCL library {FileName}, and there is no {beside}. "
                    + $"Name it in {Variable}.");
    }
}
