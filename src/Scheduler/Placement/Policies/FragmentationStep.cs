using System.Runtime.CompilerServices;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Policies;

/// <summary>
/// How much F of one host would decrease by one request, in thousandths of a GPU. What all candidate GPUs have in common
/// is computed once.
/// </summary>
internal readonly struct FragmentationStep
{
    private readonly ModelFragmentation _tables;
    private readonly int _stepAfter;
    private readonly double _base;

    private FragmentationStep(ModelFragmentation tables, int stepAfter, double fixedPart) =>
        (_tables, _stepAfter, _base) = (tables, stepAfter, fixedPart);

    /// <summary>The request on the host.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FragmentationStep On(Fragmentation fragmentation, in HostView host, RequestClass request)
    {
        var tables = fragmentation.TablesOf(host.Model);
        var before = tables.CpuStep(host.CpuFreeMilli);
        var after = tables.CpuStep(host.CpuFreeMilli - request.CpuMilli);
        var usable = tables.Singles(before, host.GpuFreeMilli);
        var usableAfter = before == after ? usable : tables.Singles(after, host.GpuFreeMilli);

        // F before less F after, as if all GPUs stayed as they are.
        var fixedPart = request.DemandMilli - usable + usableAfter - tables.Several(before, host.IdleGpus);
        return new FragmentationStep(
            tables, after, tables.HasPartsOfSeveral ? fixedPart - tables.PartsOfSeveral(before, host.GpuFreeMilli) : fixedPart);
    }

    /// <summary>The largest decrease that a placement on the host gives.</summary>
    public double LargestDecrease(in HostView host, RequestClass request)
    {
        if (!request.IsShare)
        {
            return Decrease(host, request);
        }

        var largest = double.NegativeInfinity;
        for (var i = 0; i < host.GpuFreeMilli.Length; i++)
        {
            if (host.GpuFreeMilli[i] >= request.GpuMilli)
            {
                largest = Math.Max(largest, DecreaseWithShare(host, request, i));
            }
        }

        return largest;
    }

    /// <summary>The decrease with a share on one GPU.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double DecreaseWithShare(in HostView host, RequestClass request, int device)
    {
        int free = host.GpuFreeMilli[device];
        var idle = free == ClusterState.WholeMilli ? host.IdleGpus - 1 : host.IdleGpus;
        var decrease = _base - _tables.Single(_stepAfter, free) + _tables.Single(_stepAfter, free - request.GpuMilli)
            + _tables.Several(_stepAfter, idle);
        return _tables.HasPartsOfSeveral ? decrease + PartsAfter(host, request, 1UL << device) : decrease;
    }

    /// <summary>The decrease without GPUs, or with those of the lowest numbers that have enough free.</summary>
    private double Decrease(in HostView host, RequestClass request)
    {
        if (request.GpuMilli is 0 or ClusterState.WholeMilli)
        {
            var decrease = _base - (request.GpuCount * _tables.Single(_stepAfter, request.GpuMilli))
                + _tables.Several(_stepAfter, host.IdleGpus - request.GpuCount);
            return _tables.HasPartsOfSeveral
                ? decrease + PartsAfter(host, request, DeviceRules.Lowest(host.GpuFreeMilli, request)) : decrease;
        }

        return DecreaseOfParts(host, request, DeviceRules.Lowest(host.GpuFreeMilli, request));
    }

    private double DecreaseOfParts(in HostView host, RequestClass request, ulong devices)
    {
        Span<short> after = stackalloc short[host.GpuFreeMilli.Length];
        var idle = Take(host, request, devices, after);
        return _base - _tables.Singles(_stepAfter, host.GpuFreeMilli) + _tables.Singles(_stepAfter, after)
            + _tables.Several(_stepAfter, idle) + _tables.PartsOfSeveral(_stepAfter, after);
    }

    private double PartsAfter(in HostView host, RequestClass request, ulong devices)
    {
        Span<short> after = stackalloc short[host.GpuFreeMilli.Length];
        Take(host, request, devices, after);
        return _tables.PartsOfSeveral(_stepAfter, after);
    }

    private static int Take(in HostView host, RequestClass request, ulong devices, Span<short> after)
    {
        var idle = 0;
        for (var i = 0; i < after.Length; i++)
        {
            after[i] = (short)(host.GpuFreeMilli[i] - ((devices >> i & 1) != 0 ? request.GpuMilli : 0));
            idle += after[i] == ClusterState.WholeMilli ? 1 : 0;
        }

        return idle;
    }
}
