namespace GpuActors.LocalCluster;

/// <summary>A scheduler node of a local cluster.</summary>
/// <param name="Process">Its process.</param>
/// <param name="Address">The address that it listens on.</param>
/// <param name="RemotingPort">The port where workers and other nodes connect; 0 until it is known.</param>
/// <param name="HttpPort">The port where clients connect; 0 until it is known.</param>
public sealed record SchedulerProcess(ClusterProcess Process, string Address, int RemotingPort, int HttpPort)
{
    /// <summary>Where clients connect.</summary>
    public Uri HttpAddress => new($"http://{Address}:{HttpPort}");

    /// <summary>Where workers and other nodes connect.</summary>
    public string RemotingAddress => $"{Address}:{RemotingPort}";
}
