namespace GpuActors.Worker.Executors.Pool;

/// <summary>
/// What an executor inherits of the worker's environment: what loaders, drivers and the .NET runtime read. The rest
/// may hold secrets of the worker, and an executor runs other people's code.
/// </summary>
internal static class ExecutorEnvironment
{
    private static readonly string[] Names =
        ["PATH", "USER", "LANG", "TZ", "LD_LIBRARY_PATH", "GPU_MAX_HEAP_SIZE"];

    /// <summary>Where drivers keep compiled kernels: PoCL, NVIDIA's, AMD's, Intel's, and those that follow XDG.</summary>
    private static readonly string[] KernelCaches =
        ["POCL_CACHE_DIR", "CUDA_CACHE_PATH", "AMD_COMGR_CACHE_DIR", "NEO_CACHE_DIR", "XDG_CACHE_HOME"];

    private static readonly string[] Prefixes =
    [
        "DOTNET_", "LC_", "POCL_", "OCL_", "OPENCL_", "CUDA_", "NVIDIA_", "NV_", "AMD_", "HSA_", "ROCR_",
        "ROCM_", "GPU_DEVICE_", "INTEL_", "NEO_", "IGC_", "CL_",
    ];

    /// <summary>
    /// Keeps what is listed, turns the runtime's diagnostic port off (nobody attaches to an executor), and points all
    /// that runtime and drivers write to the process's own <paramref name="folder"/>. Of NVIDIA's devices the process
    /// sees <paramref name="visibleDevice"/> only, unless that is null.
    /// </summary>
    public static void Apply(IDictionary<string, string?> environment, ProcessFolder folder, string? visibleDevice)
    {
        foreach (var name in environment.Keys.Where(name => !IsKept(name)).ToArray())
        {
            environment.Remove(name);
        }

        environment["DOTNET_EnableDiagnostics"] = "0";
        environment["DOTNET_gcServer"] = "0";
        environment["DOTNET_gcConcurrent"] = "0"; // the managed heap is small: a thread less
        // Buffers in huge pages: a buffer of 64 MiB is created, filled and wiped in 15 ms instead of 130 on PoCL.
        environment["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=1";
        // TLS shows the session's own certificate, which no authority has signed: reading the machine's authorities for it
        // takes longer than the rest of a program's start.
        environment["SSL_CERT_FILE"] = "/dev/null";
        environment["SSL_CERT_DIR"] = "/dev/null";
        environment["HOME"] = folder.Path;
        environment["TMPDIR"] = folder.Path;
        foreach (var name in KernelCaches)
        {
            environment[name] = folder.KernelLink;
        }

        if (visibleDevice is not null)
        {
            environment["CUDA_VISIBLE_DEVICES"] = visibleDevice;
        }
    }

    private static bool IsKept(string name) =>
        Names.Contains(name, StringComparer.Ordinal)
        || Array.Exists(Prefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal));
}
