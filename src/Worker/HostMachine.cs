using System.Globalization;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Messages;

namespace GpuActors.Worker;

/// <summary>
/// CPU and memory of this machine that this process may use: what there is, or what the control groups that it is in,
/// those of its container for example, leave of it. Linux says both in files; elsewhere only CPUs are known.
/// </summary>
/// <param name="root">The root of the file system.</param>
internal sealed class HostMachine(string root)
{
    private const int MilliPerCore = 1000;
    private const long UnlimitedV1 = 1L << 60; // "no limit" of version 1 is the largest number of whole pages

    /// <summary>What the worker tells of its host: what the settings say, or else what is there.</summary>
    public HostInventory Describe(WorkerHostSettings settings) => new(
        settings.CpuMilli ?? CpuMilli(Environment.ProcessorCount),
        settings.MemoryBytes ?? MemoryBytes(),
        settings.Rack,
        [.. settings.Labels.Select(label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal)]);

    /// <summary>CPU in thousandths of a core.</summary>
    /// <param name="processors">Processors that the process may run on.</param>
    public int CpuMilli(int processors)
    {
        var least = (long)processors * MilliPerCore;
        foreach (var folder in Groups("cpu"))
        {
            var max = Read(folder, "cpu.max")?.Split(' ');
            var (quota, period) = max is [var q, var p] ? (q, p)
                : (Read(folder, "cpu.cfs_quota_us"), Read(folder, "cpu.cfs_period_us"));
            if (Number(quota) is > 0 and var used && Number(period) is > 0 and var of)
            {
                least = Math.Min(least, Math.Max(1, used * MilliPerCore / of));
            }
        }

        return (int)Math.Min(int.MaxValue, least);
    }

    /// <summary>Memory in bytes; 0 if it is not known.</summary>
    public long MemoryBytes()
    {
        var least = MemoryInAll();
        foreach (var folder in Groups("memory"))
        {
            var limit = Number(Read(folder, "memory.max")) ?? Number(Read(folder, "memory.limit_in_bytes"));
            if (limit is > 0 and < UnlimitedV1 and var bytes)
            {
                least = least == 0 ? bytes : Math.Min(least, bytes);
            }
        }

        return least;
    }

    private long MemoryInAll()
    {
        var line = Read("proc", "meminfo")?.Split('\n')
            .FirstOrDefault(line => line.StartsWith("MemTotal:", StringComparison.Ordinal));
        return (Number(line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kib, ..] ? kib : null) ?? 0) << 10;
    }

    /// <summary>
    /// The folders of the groups that this process is in, each below the one before: of version 2, and of version 1 for
    /// that controller. A container may see its own group as the root.
    /// </summary>
    private IEnumerable<string> Groups(string controller)
    {
        foreach (var line in (Read("proc/self", "cgroup") ?? "").Split('\n'))
        {
            if (line.Split(':', 3) is not [_, var controllers, var path])
            {
                continue;
            }

            string? top = controllers.Length == 0 ? "sys/fs/cgroup"
                : controllers.Split(',').Contains(controller) ? $"sys/fs/cgroup/{controllers}" : null;
            if (top is null)
            {
                continue;
            }

            var folder = top;
            yield return folder;
            foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                yield return folder = $"{folder}/{part}";
            }
        }
    }

    private string? Read(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, folder, file)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
