using System.Globalization;

namespace GpuActors.Cluster.Tests;

/// <summary>What Linux tells of processes, in /proc.</summary>
internal static class ProcessTable
{
    /// <summary>Processes that <paramref name="parent"/> has started and that still run: zombies do not.</summary>
    public static IReadOnlyList<int> RunningChildrenOf(int parent) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id != 0 && IsRunningChild(id, parent)),
    ];

    /// <summary>State and parent follow the name, which is in parentheses and may contain some (proc(5)).</summary>
    private static bool IsRunningChild(int process, int parent)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is not ("Z" or "X") && int.Parse(fields[1], CultureInfo.InvariantCulture) == parent;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it has ended meanwhile
        }
    }
}
