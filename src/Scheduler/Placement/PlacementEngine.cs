using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// Picks devices for a request: those that fit, the best by the policy, all on one host. Pure: it reads a cell and
/// changes nothing.
/// </summary>
public sealed class PlacementEngine(IPlacementPolicy policy)
{
    private const double AvoidedPenalty = 1e6;

    /// <summary>Decides where <paramref name="request"/> goes.</summary>
    /// <param name="cell">Devices and reservations.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="avoid">Hosts to use only if nothing else fits, such as those where earlier attempts died.</param>
    public PlacementDecision Decide(CellState cell, GpuRequest request, IReadOnlySet<string> avoid)
    {
        var refusals = new RefusalTally(request);
        GpuState[]? best = null;
        var bestScore = double.NegativeInfinity;
        foreach (var (host, gpus) in cell.Hosts)
        {
            if (!cell.IsAvailable(host))
            {
                refusals.HostUnavailable();
                continue;
            }

            if (!cell.HasSlot(host))
            {
                refusals.NoSlot(gpus);
                continue;
            }

            var chosen = BestOn(gpus, request, refusals, out var score);
            score -= avoid.Contains(host) ? AvoidedPenalty : 0;
            if (chosen is not null && score > bestScore)
            {
                (best, bestScore) = (chosen, score);
            }
        }

        return best is null
            ? new PlacementDecision([], refusals.Sentence(), refusals.CouldFit)
            : new PlacementDecision(Array.ConvertAll(best, gpu => gpu.Grant(request)), null);
    }

    private GpuState[]? BestOn(GpuState[] gpus, GpuRequest request, RefusalTally refusals, out double score)
    {
        var fitting = gpus
            .Where(gpu => refusals.Admits(gpu))
            .Select(gpu => (Gpu: gpu, Score: policy.Score(gpu, request)))
            .OrderByDescending(candidate => candidate.Score)
            .Take(request.Count)
            .ToArray();
        if (fitting.Length < request.Count)
        {
            refusals.TooFewOnHost(fitting.Length, gpus);
            score = double.NegativeInfinity;
            return null;
        }

        score = fitting.Sum(candidate => candidate.Score);
        return Array.ConvertAll(fitting, candidate => candidate.Gpu);
    }
}
