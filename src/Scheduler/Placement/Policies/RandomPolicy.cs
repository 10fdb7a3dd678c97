using System.Numerics;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Policies;

/// <summary>Any host that can take the request, and any of its GPUs that can.</summary>
public sealed class RandomPolicy(ulong seed) : IPlacementPolicy
{
    private SplitMix64 _random = new(seed);

    /// <inheritdoc/>
    public string Name => "random";

    /// <inheritdoc/>
    public HostSelection Selection => HostSelection.Uniform;

    /// <inheritdoc/>
    public int Score(in HostView host, RequestClass request) => 0;

    /// <inheritdoc/>
    public int ChooseDevice(in HostView host, RequestClass request)
    {
        var feasible = 0UL;
        for (var i = 0; i < host.GpuFreeMilli.Length; i++)
        {
            feasible |= host.GpuFreeMilli[i] >= request.GpuMilli ? 1UL << i : 0;
        }

        for (var skip = _random.Below(BitOperations.PopCount(feasible)); skip > 0; skip--)
        {
            feasible &= feasible - 1;
        }

        return BitOperations.TrailingZeroCount(feasible);
    }
}
