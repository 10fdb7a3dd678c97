using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Constraints;

/// <summary>
/// Decides which GPUs take what, where free thousandths of a GPU don't say enough: MIG and vGPU profiles, modes,
/// attributes of devices. Asked for requests with a <see cref="PlacementRequest.Device"/>. Its answers may change only
/// when the host has changed in the cluster's log.
/// </summary>
public interface IDeviceRules
{
    /// <summary>
    /// Writes what a class may count on: at least <see cref="RequestClass.GpuMilli"/> for a GPU that takes it, less for
    /// one that does not.
    /// </summary>
    /// <param name="host">The host's number.</param>
    /// <param name="request">The class.</param>
    /// <param name="freeMilli">Free thousandths of each GPU of the host, to be changed.</param>
    void Adjust(int host, RequestClass request, Span<short> freeMilli);

    /// <summary>Of GPUs that are as good to the policy as the one it chose, the best.</summary>
    /// <param name="host">The host's number.</param>
    /// <param name="request">The class.</param>
    /// <param name="freeMilli">What <see cref="Adjust"/> wrote.</param>
    /// <param name="chosen">The policy's choice.</param>
    int Prefer(int host, RequestClass request, ReadOnlySpan<short> freeMilli, int chosen);
}
