using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Queueing;

/// <summary>What a queue has to know of its pool's devices.</summary>
public interface IPoolView
{
    /// <summary>The most that a request can come to on the devices that are there.</summary>
    ResourceVector DemandOf(GpuRequest request);

    /// <summary>What slices come to.</summary>
    /// <param name="slices">The slices.</param>
    /// <param name="demand">What was charged for them; it stands where slices don't tell.</param>
    ResourceVector AmountOf(IReadOnlyList<SliceGrant> slices, in ResourceVector demand);

    /// <summary>
    /// What <see cref="MightServe"/> asks of a device at least; nothing is always right. It spares the queue looks at
    /// those who surely can't use what was freed.
    /// </summary>
    DeviceNeed LeastOf(GpuRequest request) => default;

    /// <summary>False only if what is free of a device can't serve any part of a request.</summary>
    bool MightServe(GpuRequest request, FreedGpu gpu);

    /// <summary>What is free of a device, <c>HOST/INDEX</c>; null if that is not known.</summary>
    FreedGpu? FreeOn(string device);

    /// <summary>
    /// Devices on which a unit will surely be able to begin at some time, by the time limits of what runs there and if
    /// nobody else who runs longer is put there; null if nobody can say.
    /// </summary>
    /// <param name="unit">The unit.</param>
    /// <param name="now">The time.</param>
    /// <param name="kept">Devices that are kept for others.</param>
    Reservation? Reserve(WaitingUnit unit, DateTimeOffset now, IReadOnlySet<string> kept);
}

/// <summary>A pool of which nothing is known.</summary>
internal sealed class UnknownPool : IPoolView
{
    public static readonly UnknownPool Instance = new();

    public ResourceVector DemandOf(GpuRequest request) =>
        new ResourceVector(request.Whole ? 1000 : (request.ComputePercent ?? 0) * 10, request.MemoryBytes ?? 0)
            .Times(request.Count);

    public ResourceVector AmountOf(IReadOnlyList<SliceGrant> slices, in ResourceVector demand) => demand;

    public bool MightServe(GpuRequest request, FreedGpu gpu) => true;

    public FreedGpu? FreeOn(string device) => null;

    public Reservation? Reserve(WaitingUnit unit, DateTimeOffset now, IReadOnlySet<string> kept) => null;
}
