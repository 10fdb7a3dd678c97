using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Policies;

/// <summary>Which GPUs of a host a request gets where the policy has no say.</summary>
internal static class DeviceRules
{
    /// <summary>How many GPUs have so much free.</summary>
    public static int CountFitting(ReadOnlySpan<short> freeMilli, int milli)
    {
        var count = 0;
        foreach (var free in freeMilli)
        {
            count += free >= milli ? 1 : 0;
        }

        return count;
    }

    /// <summary>The GPUs that have enough free, as bits.</summary>
    public static ulong Fitting(ReadOnlySpan<short> freeMilli, RequestClass request)
    {
        var devices = 0UL;
        for (var i = 0; i < freeMilli.Length; i++)
        {
            devices |= freeMilli[i] >= request.GpuMilli ? 1UL << i : 0;
        }

        return devices;
    }

    /// <summary>The GPUs of the lowest numbers that have enough free, as bits; none without GPUs.</summary>
    public static ulong Lowest(ReadOnlySpan<short> freeMilli, RequestClass request)
    {
        var (devices, left) = (0UL, request.GpuCount);
        for (var i = 0; i < freeMilli.Length && left > 0; i++)
        {
            if (freeMilli[i] >= request.GpuMilli)
            {
                devices |= 1UL << i;
                left--;
            }
        }

        return devices;
    }
}
