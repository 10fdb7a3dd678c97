using System.Runtime.CompilerServices;
using GpuActors.Scheduler.Simulation.Traces;

namespace GpuActors.Scheduler.Tests.Placement;

/// <summary>The traces in <c>samples/openb</c>.</summary>
internal static class OpenbFiles
{
    public static string Folder { get; } = Path.GetFullPath(Path.Combine(ThisFolder(), "../../../samples/openb"));

    public static IReadOnlyList<TraceNode> Nodes { get; } = OpenbTrace.ReadNodes(Path.Combine(Folder, "nodes.csv.gz"));

    public static IReadOnlyList<TraceTask> Tasks(string variant) =>
        OpenbTrace.ReadTasks(Path.Combine(Folder, $"pods_{variant}.csv.gz"));

    private static string ThisFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
