using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Policies;

/// <summary>
/// GPU Packing: first into GPUs that are in use, the fuller the better; then onto idle GPUs of hosts in use, the fewer
/// the better; last onto empty hosts, the smaller the better.
/// </summary>
public sealed class PackingPolicy : IPlacementPolicy
{
    private const int EmptyHost = 33;
    private const int IdleGpu = 50;
    private const int UsedGpu = 100;

    /// <inheritdoc/>
    public string Name => "packing";

    /// <inheritdoc/>
    public int Score(in HostView host, RequestClass request)
    {
        if (request.GpuCount == 0)
        {
            return 0;
        }

        var gpus = host.GpuFreeMilli.Length;
        if (host.IdleGpus == gpus)
        {
            return Math.Max(EmptyHost - gpus, gpus);
        }

        if (!request.IsShare)
        {
            return Math.Max(IdleGpu - request.GpuCount, EmptyHost);
        }

        var free = host.GpuFreeMilli[host.TightestDevice(request.GpuMilli)];
        return free == ClusterState.WholeMilli
            ? Math.Max(IdleGpu - 1, EmptyHost)
            : Math.Max(UsedGpu - (free * 100 / ClusterState.WholeMilli / 10), IdleGpu);
    }
}
