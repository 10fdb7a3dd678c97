using System.Globalization;

namespace GpuActors.Shared.Diagnosis;

/// <summary>
/// Limits of this process and settings of the system's network that matter to remote GPUs, as Linux tells them in files.
/// </summary>
/// <param name="root">The root of the file system.</param>
public sealed class KernelSettings(string root)
{
    private const long Mebibyte = 1 << 20;

    /// <summary>A connection of 10 Gbit/s whose round trip is 1 ms has so much under way.</summary>
    private const long BufferBytes = 2 * Mebibyte;

    private const long ClientDescriptors = 1024;
    private const long WorkerDescriptors = 16_384;
    private const long LockedBytes = 64 * Mebibyte;

    /// <summary>All checks of a host on which programs run.</summary>
    public IEnumerable<HostCheck> OfClient() => [Descriptors(ClientDescriptors), Buffers(), LockedMemory()];

    /// <summary>All checks of a host that runs a worker.</summary>
    public IEnumerable<HostCheck> OfWorker() => [Descriptors(WorkerDescriptors), Buffers(), LockedMemory()];

    /// <summary>How many files and sockets a process may open: each session takes some of its worker.</summary>
    internal HostCheck Descriptors(long wanted)
    {
        const string name = "limits.nofile";
        if (Limit("Max open files") is not { } limit)
        {
            return HostCheck.Skipped(name, "The system does not tell.");
        }

        var found = $"{Count(limit.Soft)} open files, up to {Count(limit.Hard)} on request";
        return limit.Soft >= wanted || (limit.Hard >= wanted && wanted > ClientDescriptors)
            ? HostCheck.Ok(name, found)
            : HostCheck.Warning(
                name, found, $"{Count(wanted)} or more",
                $"ulimit -n {wanted}, or LimitNOFILE={wanted} in the service's unit, or a line in /etc/security/limits.conf.");
    }

    /// <summary>How large a TCP connection's buffers may become by themselves.</summary>
    internal HostCheck Buffers()
    {
        const string name = "kernel.tcp-buffers";
        if (Largest("tcp_rmem") is not { } receive || Largest("tcp_wmem") is not { } send)
        {
            return HostCheck.Skipped(name, "The system does not tell.");
        }

        var found = $"up to {receive / Mebibyte} MiB to receive, {send / Mebibyte} MiB to send";
        return receive >= BufferBytes && send >= BufferBytes
            ? HostCheck.Ok(name, found)
            : HostCheck.Warning(
                name, found, $"{BufferBytes / Mebibyte} MiB or more: less slows transfers down over distances of 1 ms and more",
                "sysctl -w net.ipv4.tcp_rmem='4096 131072 6291456' net.ipv4.tcp_wmem='4096 16384 4194304', and the same in /etc/sysctl.d.");
    }

    /// <summary>How much memory a process may keep from being swapped: drivers want some.</summary>
    internal HostCheck LockedMemory()
    {
        const string name = "limits.memlock";
        if (Limit("Max locked memory") is not { } limit)
        {
            return HostCheck.Skipped(name, "The system does not tell.");
        }

        var found = limit.Hard == long.MaxValue ? "unlimited" : $"up to {limit.Hard / 1024} KiB";
        return limit.Hard >= LockedBytes
            ? HostCheck.Ok(name, found)
            : HostCheck.Warning(
                name, found, "64 MiB or more: GPU drivers and RDMA adapters lock the memory that they read",
                "ulimit -l unlimited, or LimitMEMLOCK=infinity in the service's unit.");
    }

    /// <summary>A line of /proc/self/limits (proc(5)); <see cref="long.MaxValue"/>: unlimited.</summary>
    private (long Soft, long Hard)? Limit(string name)
    {
        var line = Lines("proc/self/limits").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        var fields = line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields is [var soft, var hard, ..] && Number(soft) is { } one && Number(hard) is { } other ? (one, other) : null;
    }

    /// <summary>The third number of a line such as <c>4096 131072 6291456</c>.</summary>
    private long? Largest(string setting) =>
        Lines($"proc/sys/net/ipv4/{setting}").FirstOrDefault()?.Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries)
            is [_, _, var largest] ? Number(largest) : null;

    private string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(root, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static long? Number(string text) => text == "unlimited" ? long.MaxValue
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Count(long number) =>
        number == long.MaxValue ? "as many as are wanted" : number.ToString("N0", CultureInfo.InvariantCulture);
}
