using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Policies;

/// <summary>
/// Prefers the host on which most CPU and GPU are left, and there the emptiest GPU: work runs with the least company, at
/// the price of fragments.
/// </summary>
public sealed class SpreadPolicy : IPlacementPolicy
{
    /// <inheritdoc/>
    public string Name => "spread";

    /// <inheritdoc/>
    public int Score(in HostView host, RequestClass request) => (int)(100 * BestFitPolicy.Left(host, request));

    /// <inheritdoc/>
    public int ChooseDevice(in HostView host, RequestClass request)
    {
        var emptiest = 0;
        for (var i = 1; i < host.GpuFreeMilli.Length; i++)
        {
            emptiest = host.GpuFreeMilli[i] > host.GpuFreeMilli[emptiest] ? i : emptiest;
        }

        return emptiest;
    }
}
