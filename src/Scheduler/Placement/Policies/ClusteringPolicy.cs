using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Policies;

/// <summary>
/// GPU Clustering: like to like. Hosts that run this kind of task only, then such that run others too, then empty ones,
/// then such that run other kinds only; within each the fuller first.
/// </summary>
public sealed class ClusteringPolicy : IPlacementPolicy
{
    /// <inheritdoc/>
    public string Name => "clustering";

    /// <inheritdoc/>
    public int Score(in HostView host, RequestClass request)
    {
        if (request.Kind == TaskKinds.None)
        {
            return 0;
        }

        var fullness = 25 * (ReferenceHost.GpuMilliInt - host.GpuFreeTotalMilli) / ReferenceHost.GpuMilliInt;
        return fullness + (host.Kinds == request.Kind ? 75
            : (host.Kinds & request.Kind) != 0 ? 50
            : host.Kinds == TaskKinds.None ? 25
            : 0);
    }
}
