namespace GpuActors.Worker.Executors.Pool;

/// <summary>
/// What an executor inherits of the worker's environment: what loaders, drivers and the .NET runtime read. The rest
/// may hold secrets of the worker, and an executor runs other people's code.
/// </summary>
internal static class ExecutorEnvironment
{
    private static readonly string[] Names =
        ["PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "GPU_MAX_HEAP_SIZE"];

    private static readonly string[] Prefixes =
    [
        "DOTNET_", "LC_", "XDG_", "POCL_", "OCL_", "OPENCL_", "CUDA_", "NVIDIA_", "NV_", "AMD_", "HSA_", "ROCR_",
        "ROCM_", "GPU_DEVICE_", "INTEL_", "NEO_", "IGC_", "CL_",
    ];

    /// <summary>Keeps what is listed, and turns the runtime's diagnostic port off: nobody attaches to an executor.</summary>
    public static void Apply(IDictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys.Where(name => !IsKept(name)).ToArray())
        {
            environment.Remove(name);
        }

        environment["DOTNET_EnableDiagnostics"] = "0";
        environment["DOTNET_gcServer"] = "0";
    }

    private static bool IsKept(string name) =>
        Names.Contains(name, StringComparer.Ordinal)
        || Array.Exists(Prefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal));
}
