using GpuActors.Scheduler.Simulation.Traces;

namespace GpuActors.Scheduler.Tests.Placement;

/// <summary>The traces in <c>samples/openb</c>.</summary>
internal static class OpenbFiles
{
    public static string Folder { get; } = Path.Combine(RepositoryRoot(), "samples", "openb");

    public static IReadOnlyList<TraceNode> Nodes { get; } = OpenbTrace.ReadNodes(Path.Combine(Folder, "nodes.csv.gz"));

    public static IReadOnlyList<TraceTask> Tasks(string variant) =>
        OpenbTrace.ReadTasks(Path.Combine(Folder, $"pods_{variant}.csv.gz"));

    /// <summary>Not from the paths of sources: a build for releases writes none of this machine.</summary>
    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "GpuActors.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("There is no GpuActors.sln above the tests.");
        }

        return folder;
    }
}
