using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Policies;

/// <summary>
/// Fragmentation gradient descent (Weng et al., USENIX ATC 2023): prefers the host, and the GPU, where the request makes
/// least of what is free useless for the expected tasks. The decrease of F in whole GPUs goes through a sigmoid and is
/// cut to an integer from 0 to 100; that coarse step, with the lowest number among equals, is what makes it pack.
/// </summary>
public sealed class FgdPolicy(TargetWorkload target, ModelTable models) : IPlacementPolicy
{
    private readonly Fragmentation _fragmentation = new(target, models);

    /// <inheritdoc/>
    public string Name => "fgd";

    /// <inheritdoc/>
    public int Score(in HostView host, RequestClass request) =>
        FgdScale.Of(FragmentationStep.On(_fragmentation, host, request).LargestDecrease(host, request) / 1000);

    /// <inheritdoc/>
    public int ChooseDevice(in HostView host, RequestClass request)
    {
        var step = FragmentationStep.On(_fragmentation, host, request);
        var (best, bestScore) = (-1, -1);
        for (var i = 0; i < host.GpuFreeMilli.Length; i++)
        {
            if (host.GpuFreeMilli[i] >= request.GpuMilli)
            {
                var score = FgdScale.Of(step.DecreaseWithShare(host, request, i) / 1000);
                (best, bestScore) = score > bestScore ? (i, score) : (best, bestScore);
            }
        }

        return best;
    }
}
