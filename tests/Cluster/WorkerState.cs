using System.Globalization;

namespace GpuActors.Cluster.Tests;

/// <summary>What a worker's process holds, as Linux counts it.</summary>
/// <param name="ResidentBytes">Memory.</param>
/// <param name="Descriptors">Open files and sockets, but for those of code, which the runtime loads when it first needs it.</param>
/// <param name="Executors">Processes of its own that run.</param>
/// <param name="Files">Files and folders of its pool of executors, and of programs' sessions.</param>
internal sealed record WorkerState(long ResidentBytes, int Descriptors, int Executors, int Files)
{
    private const int PageBytes = 4096;

    /// <param name="worker">The worker's process.</param>
    /// <param name="folders">Those that are to be as empty at the end as at the beginning.</param>
    public static WorkerState Of(int worker, params IReadOnlyList<string> folders) => new(
        ResidentOf(worker),
        Directory.EnumerateFileSystemEntries($"/proc/{worker}/fd").Count(IsNoCode),
        ProcessTable.RunningChildrenOf(worker).Count,
        folders.Where(Directory.Exists).Sum(folder => Directory.EnumerateFileSystemEntries(folder).Count()));

    private static bool IsNoCode(string descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(descriptor, false)?.Name.EndsWith(".dll", StringComparison.Ordinal) != true;
        }
        catch (FileNotFoundException)
        {
            return false; // closed meanwhile
        }
    }

    private static long ResidentOf(int process) => PageBytes * long.Parse(
        File.ReadAllText($"/proc/{process}/statm").Split(' ')[1], CultureInfo.InvariantCulture);
}
