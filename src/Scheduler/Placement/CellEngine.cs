using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;
using PlacedSlice = GpuActors.Shared.Devices.PlacedSlice;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// Picks places for a request: on devices that fit, the best by the policy, all on one host. Pure: it reads a cell and
/// changes nothing.
/// </summary>
public sealed class CellEngine(ICellPolicy policy)
{
    private const double AvoidedPenalty = 1e6;

    /// <summary>Decides where <paramref name="request"/> goes.</summary>
    /// <param name="cell">Devices and reservations.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="avoid">Hosts to use only if nothing else fits, such as those where earlier attempts died.</param>
    public PlacementDecision Decide(CellState cell, GpuRequest request, IReadOnlySet<string> avoid)
    {
        var refusals = new RefusalTally(request);
        var fitting = new List<Candidate>();
        SliceGrant[]? best = null;
        var contest = new Contest(policy.Name);
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

            if (!Find(gpus, request.Count, refusals, fitting))
            {
                continue;
            }

            if (contest.Wins(host, fitting.Sum(candidate => candidate.Score) - (avoid.Contains(host) ? AvoidedPenalty : 0)))
            {
                best = [.. fitting.Select(candidate => candidate.Gpu.Grant(candidate.Place, request))];
            }
        }

        return best is null
            ? new PlacementDecision([], refusals.Sentence(), refusals.CouldFit) { Reasons = refusals.Reasons() }
            : new PlacementDecision(best, null) { Choice = contest.Result };
    }

    /// <summary>The best devices of one host; false if there are too few.</summary>
    private bool Find(GpuState[] gpus, int count, RefusalTally refusals, List<Candidate> fitting)
    {
        fitting.Clear();
        foreach (var gpu in gpus)
        {
            if (refusals.Admits(gpu, out var place))
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

    /// <summary>The two best hosts so far.</summary>
    private sealed class Contest(string policy)
    {
        private (string? Host, double Score) _best = (null, double.NegativeInfinity);
        private (string? Host, double Score) _next = (null, double.NegativeInfinity);
        private int _hosts;

        public PlacementChoice Result => new(
            policy, _best.Host!, _best.Score, _next.Host, _next.Host is null ? null : _next.Score, _hosts);

        /// <summary>It is the best so far.</summary>
        public bool Wins(string host, double score)
        {
            _hosts++;
            if (score > _best.Score)
            {
                (_next, _best) = (_best, (host, score));
                return true;
            }

            _next = score > _next.Score ? (host, score) : _next;
            return false;
        }
    }

    private readonly record struct Candidate(GpuState Gpu, PlacedSlice Place, double Score);
}
