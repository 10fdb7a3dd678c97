using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Policies;

/// <summary>
/// Prefers the host whose free CPU and GPU point least in the direction of what is asked for: the smallest dot product.
/// </summary>
public sealed class DotProdPolicy : IPlacementPolicy
{
    /// <inheritdoc/>
    public string Name => "dot-prod";

    /// <inheritdoc/>
    public int Score(in HostView host, RequestClass request)
    {
        var product = (host.CpuFreeMilli / ReferenceHost.CpuMilli * (request.CpuMilli / ReferenceHost.CpuMilli))
            + (host.GpuFreeTotalMilli / ReferenceHost.GpuMilli * (request.DemandMilli / ReferenceHost.GpuMilli));
        return (int)(100 * (1 - (product / 2)));
    }
}
