namespace GpuActors.Shared.Jobs;

/// <summary>What a job takes of its host beside GPUs.</summary>
/// <param name="CpuMilli">CPU in thousandths of a core; 0: it does not count.</param>
/// <param name="MemoryBytes">Memory of the host in bytes; 0: it does not count.</param>
public sealed record HostRequest(int CpuMilli, long MemoryBytes)
{
    /// <summary>Nothing that would count.</summary>
    public static HostRequest None { get; } = new(0, 0);
}
