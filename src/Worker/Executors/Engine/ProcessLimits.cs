using System.Globalization;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>What an executor process denies itself before it runs anybody's code.</summary>
internal static unsafe class ProcessLimits
{
    /// <summary>
    /// No core files (they would hold a tenant's data), first choice of the kernel's when memory runs out, no gain of
    /// privileges through exec, no files for others, no descriptors that came from the worker by accident.
    /// </summary>
    public static void Apply()
    {
        var none = default(Libc.ResourceLimit);
        Libc.ThrowIfFailed(Libc.SetResourceLimit(Libc.ResourceCore, &none), "setrlimit(RLIMIT_CORE)");
        Libc.ThrowIfFailed(Libc.Prctl(Libc.PrctlSetNoNewPrivileges, 1, 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS)");
        File.WriteAllText("/proc/self/oom_score_adj", "1000");
        _ = Libc.SetFileMask(0x3F); // 077
        CloseInherited();
        // Last, since it takes /proc/self away: other executors of the same user may not read or trace this process.
        Libc.ThrowIfFailed(Libc.Prctl(Libc.PrctlSetDumpable, 0, 0, 0, 0), "prctl(PR_SET_DUMPABLE)");
    }

    /// <summary>
    /// Limits the process's private memory: hunger for it outside of buffers ends here and not in the host's swap.
    /// </summary>
    /// <param name="limit">
    /// Bytes: what the process had before its first session, the slice, and something for compiler, runtime and staging.
    /// </param>
    public static void LimitData(ulong limit)
    {
        var data = new Libc.ResourceLimit { Current = limit, Maximum = ulong.MaxValue };
        Libc.ThrowIfFailed(Libc.SetResourceLimit(Libc.ResourceData, &data), "setrlimit(RLIMIT_DATA)");
    }

    /// <summary>Private writable memory of this process, in bytes, as RLIMIT_DATA counts it.</summary>
    public static ulong DataBytes()
    {
        const string Name = "VmData:";
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (!line.StartsWith(Name, StringComparison.Ordinal))
                continue;
            string number = line[Name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
            return ulong.Parse(number, CultureInfo.InvariantCulture) << 10;
        }
        return 0;
    }

    /// <summary>All that this process opened itself is close-on-exec; what is not came through exec.</summary>
    private static void CloseInherited()
    {
        const int FirstAfterStandard = 3;
        foreach (string path in Directory.GetFiles("/proc/self/fd"))
        {
            int descriptor = int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture);
            if (descriptor < FirstAfterStandard)
                continue;
            int flags = Libc.Fcntl(descriptor, Libc.FcntlGetFd, 0);
            if (flags >= 0 && (flags & Libc.CloseOnExec) == 0)
                Libc.Close(descriptor);
        }
    }
}
