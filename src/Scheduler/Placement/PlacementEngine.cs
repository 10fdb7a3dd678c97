using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// Picks places for a request: on devices that fit, the best by the policy, all on one host. Pure: it reads a cell and
/// changes nothing.
/// </summary>
public sealed class PlacementEngine(IPlacementPolicy policy)
{
    private const double AvoidedPenalty = 1e6;

    /// <summary>Decides where <paramref name="request"/> goes.</summary>
    /// <param name="cell">Devices and reservations.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="avoid">Hosts to use only if nothing else fits, such as those where earlier attempts died.</param>
    /// <param name="forbidden">Devices, <c>HOST/INDEX</c>, that are kept for others.</param>
    public PlacementDecision Decide(
        CellState cell, GpuRequest request, IReadOnlySet<string> avoid, string[]? forbidden = null)
    {
        var refusals = new RefusalTally(request);
        var fitting = new List<Candidate>();
        SliceGrant[]? best = null;
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

            if (!Find(gpus, request.Count, forbidden ?? [], refusals, fitting))
            {
                continue;
            }

            var score = fitting.Sum(candidate => candidate.Score) - (avoid.Contains(host) ? AvoidedPenalty : 0);
            if (score > bestScore)
            {
                best = [.. fitting.Select(candidate => candidate.Gpu.Grant(candidate.Place, request))];
                bestScore = score;
            }
        }

        return best is null
            ? new PlacementDecision([], refusals.Sentence(), refusals.CouldFit)
            : new PlacementDecision(best, null);
    }

    /// <summary>The best devices of one host; false if there are too few.</summary>
    private bool Find(
        GpuState[] gpus, int count, string[] forbidden, RefusalTally refusals, List<Candidate> fitting)
    {
        fitting.Clear();
        foreach (var gpu in gpus)
        {
            if (forbidden.Length > 0 && forbidden.Contains($"{gpu.Host}/{gpu.Inventory.Index}"))
            {
                refusals.Kept();
            }
            else if (refusals.Admits(gpu, out var place))
            {
                fitting.Add(new Candidate(gpu, place, policy.Score(gpu, place)));
            }
        }

        if (fitting.Count < count)
        {
            refusals.TooFewOnHost(fitting.Count, gpus);
            return false;
        }

        if (fitting.Count > count)
        {
            var best = fitting.OrderByDescending(candidate => candidate.Score).Take(count).ToArray(); // a stable order
            fitting.Clear();
            fitting.AddRange(best);
        }

        return true;
    }

    private readonly record struct Candidate(GpuState Gpu, PlacedSlice Place, double Score);
}
