using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Policies;

/// <summary>Prefers the host on which least CPU and GPU are left, both counting the same.</summary>
public sealed class BestFitPolicy : IPlacementPolicy
{
    /// <inheritdoc/>
    public string Name => "best-fit";

    /// <inheritdoc/>
    public int Score(in HostView host, RequestClass request) => (int)(100 * (1 - Left(host, request)));

    /// <summary>What is left after the request, as a part of the reference host.</summary>
    internal static double Left(in HostView host, RequestClass request) =>
        (0.5 * (host.CpuFreeMilli - request.CpuMilli) / ReferenceHost.CpuMilli)
        + (0.5 * (host.GpuFreeTotalMilli - request.DemandMilli) / ReferenceHost.GpuMilli);
}
