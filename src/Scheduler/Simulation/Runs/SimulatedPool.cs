using System.Globalization;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Simulation.Runs;

/// <summary>
/// A run's cluster as the queue sees pools. Its devices have 1000 "bytes" of memory, so that what tasks and devices
/// have in thousandths of a GPU can be said in the queue's words.
/// </summary>
/// <param name="headStart">Where and when a unit can begin, hosts that are kept for others apart.</param>
internal sealed class SimulatedPool(Func<WaitingUnit, Predicate<int>, (int Host, double Seconds)?> headStart)
    : IPoolView
{
    private readonly Dictionary<string, ModelSet> _models = new(StringComparer.Ordinal);

    /// <summary>A task's GPUs in the queue's words; only equal ones are equal.</summary>
    public GpuRequest RequestOf(PlacementRequest task)
    {
        var name = task.Models.ToString();
        _models[name] = task.Models;
        return new GpuRequest
        {
            Whole = task.GpuMilli == ClusterState.WholeMilli,
            MemoryBytes = task.GpuMilli,
            ComputePercent = PercentOf(task.GpuMilli),
            Count = task.GpuCount,
            Model = name,
        };
    }

    /// <summary>What a task takes of its host beside GPUs.</summary>
    public static ResourceVector HostDemandOf(PlacementRequest task) =>
        new(0, 0, task.CpuMilli, (long)task.HostMemoryMib << 20);

    /// <summary>The devices of a host of which something is free.</summary>
    public static IReadOnlyList<FreedGpu> FreeOn(ClusterState state, int host)
    {
        var view = state.View(host);
        var freed = new List<FreedGpu>(view.GpuFreeMilli.Length);
        for (var i = 0; i < view.GpuFreeMilli.Length; i++)
        {
            if (view.GpuFreeMilli[i] is > 0 and var free)
            {
                var model = state.Models.NameOf(view.Model);
                var gpu = new GpuInventory(i, model, "", "", "gpu", ClusterState.WholeMilli, 0);
                freed.Add(new FreedGpu(NameOf(host), gpu, free, free / 10, free == ClusterState.WholeMilli));
            }
        }

        return freed;
    }

    /// <summary>What a placed task has, as slices.</summary>
    public static SliceGrant[] SlicesOf(in PlacedTask placed)
    {
        var slices = new List<SliceGrant>(placed.GpuCount);
        for (var device = 0; device < HostSpec.GpuLimit; device++)
        {
            if ((placed.Devices >> device & 1) != 0)
            {
                slices.Add(new SliceGrant(
                    "",
                    NameOf(placed.Host),
                    device,
                    placed.GpuMilli,
                    PercentOf(placed.GpuMilli),
                    placed.GpuMilli == ClusterState.WholeMilli));
            }
        }

        return [.. slices];
    }

    /// <inheritdoc/>
    public ResourceVector DemandOf(GpuRequest request) =>
        new ResourceVector(request.MemoryBytes ?? 0, request.MemoryBytes ?? 0).Times(request.Count);

    /// <inheritdoc/>
    public ResourceVector AmountOf(IReadOnlyList<SliceGrant> slices, in ResourceVector demand) => demand;

    /// <inheritdoc/>
    public bool MightServe(GpuRequest request, FreedGpu gpu) =>
        request.Count == 0 || (request.MemoryBytes <= gpu.MemoryFree && _models[request.Model].Contains(gpu.Gpu.Model));

    /// <inheritdoc/>
    public FreedGpu? FreeOn(string device) => null;

    /// <summary>All of a host is kept for the head, if the limits of what runs there tell when it can begin.</summary>
    public Reservation? Reserve(WaitingUnit unit, DateTimeOffset now, IReadOnlySet<string> kept) =>
        headStart(unit, host => kept.Contains(DeviceOf(host))) is { } start
            ? new Reservation(unit.Id, [DeviceOf(start.Host)], TimeAt(start.Seconds)) : null;

    /// <summary>The host of a device that is kept.</summary>
    public static int HostOf(string device) =>
        int.Parse(
            device.AsSpan(0, device.IndexOf('/', StringComparison.Ordinal)),
            NumberStyles.None,
            CultureInfo.InvariantCulture);

    /// <summary>A run's time as the queue's.</summary>
    public static DateTimeOffset TimeAt(double seconds) => DateTimeOffset.UnixEpoch.AddSeconds(seconds);

    /// <summary>A host's first device stands for all of them.</summary>
    private static string DeviceOf(int host) => $"{host}/0";

    private static int PercentOf(int milli) => (milli + 9) / 10;

    private static string NameOf(int host) => $"{host}";
}
