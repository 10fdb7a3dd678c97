namespace GpuActors.LocalCluster;

/// <summary>A scheduler node of a local cluster.</summary>
/// <param name="Process">Its process.</param>
/// <param name="RemotingPort">The port where workers and other nodes connect; 0 until it is known.</param>
/// <param name="HttpPort">The port where clients connect; 0 until it is known.</param>
public sealed record SchedulerProcess(ClusterProcess Process, int RemotingPort, int HttpPort)
{
    /// <summary>Where clients connect.</summary>
    public Uri HttpAddress => new($"http://127.0.0.1:{HttpPort}");
}
