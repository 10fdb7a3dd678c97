using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// Picks devices for a demand: those that fit, the best by the policy, all on one host. Pure: it reads a cell and
/// changes nothing.
/// </summary>
public sealed class PlacementEngine(IPlacementPolicy policy)
{
    private const double AvoidedPenalty = 1e6;

    /// <summary>Decides where <paramref name="demand"/> goes.</summary>
    /// <param name="cell">Devices and reservations.</param>
    /// <param name="demand">What is asked for.</param>
    /// <param name="avoid">Hosts to use only if nothing else fits, such as those where earlier attempts died.</param>
    public PlacementDecision Decide(CellState cell, GpuDemand demand, IReadOnlySet<string> avoid)
    {
        var refusals = new RefusalTally(demand);
        GpuState[]? best = null;
        var bestScore = double.NegativeInfinity;
        foreach (var (host, gpus) in cell.Hosts)
        {
            if (!cell.IsAvailable(host))
            {
                refusals.HostUnavailable();
                continue;
            }

            var chosen = BestOn(gpus, demand, refusals, out var score);
            score -= avoid.Contains(host) ? AvoidedPenalty : 0;
            if (chosen is not null && score > bestScore)
            {
                (best, bestScore) = (chosen, score);
            }
        }

        return best is null
            ? new PlacementDecision([], refusals.Sentence())
            : new PlacementDecision(Array.ConvertAll(best, gpu => gpu.Grant(demand)), null);
    }

    private GpuState[]? BestOn(GpuState[] gpus, GpuDemand demand, RefusalTally refusals, out double score)
    {
        var fitting = gpus
            .Where(gpu => refusals.Admits(gpu))
            .Select(gpu => (Gpu: gpu, Score: policy.Score(gpu, demand)))
            .OrderByDescending(candidate => candidate.Score)
            .Take(demand.Count)
            .ToArray();
        if (fitting.Length < demand.Count)
        {
            refusals.TooFewOnHost(fitting.Length);
            score = double.NegativeInfinity;
            return null;
        }

        score = fitting.Sum(candidate => candidate.Score);
        return Array.ConvertAll(fitting, candidate => candidate.Gpu);
    }
}
