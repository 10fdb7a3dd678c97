using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Simulation.Traces;

/// <summary>
/// Reads traces in the format of Alibaba's cluster-trace-gpu-v2023 ("openb"): CSV or CSV packed with gzip, columns in
/// any order. <c>gpu_spec</c>, names and times may be missing.
/// </summary>
public static class OpenbTrace
{
    private static readonly string[] NodeColumns = ["cpu_milli", "memory_mib", "gpu", "model"];
    private static readonly string[] PodColumns = ["cpu_milli", "memory_mib", "num_gpu", "gpu_milli"];

    /// <summary>The hosts, in the order of the file.</summary>
    /// <exception cref="InvalidDataException">A line is not as it should be; the message says which, and how.</exception>
    public static IReadOnlyList<TraceNode> ReadNodes(string path) => CsvTable.Read(path, NodeColumns, row =>
        new TraceNode(
            row.Text("sn"),
            row.Number("cpu_milli"),
            row.Number("memory_mib"),
            row.Number("gpu", HostSpec.GpuLimit),
            row.Text("model"))
        {
            Rack = row.Text("rack"),
        });

    /// <summary>The tasks, in the order of the file.</summary>
    /// <exception cref="InvalidDataException">A line is not as it should be; the message says which, and how.</exception>
    public static IReadOnlyList<TraceTask> ReadTasks(string path) => CsvTable.Read(path, PodColumns, row =>
    {
        var gpus = row.Number("num_gpu", HostSpec.GpuLimit);
        var milli = row.Number("gpu_milli", ClusterState.WholeMilli);
        if (gpus > 0 && milli == 0)
        {
            throw row.Wrong("gpu_milli", "1 to 1000 where num_gpu is not 0");
        }

        var request = new PlacementRequest
        {
            CpuMilli = row.Number("cpu_milli"),
            HostMemoryMib = row.Number("memory_mib"),
            GpuCount = gpus,
            GpuMilli = gpus > 0 ? milli : 0,
            Models = ModelSet.Parse(row.Text("gpu_spec")),
        };
        return new TraceTask(request, row.Seconds("creation_time"), row.Seconds("deletion_time"));
    });
}
