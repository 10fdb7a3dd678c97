using GpuActors.Scheduler.Queueing.Pool;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Queueing.Preemption;

/// <summary>
/// Who may be made to leave for whom. Never anybody of equal or higher priority, but for scavengers and for what is
/// borrowed from the quota of the one that it is for.
/// </summary>
public sealed class PreemptionRules
{
    private readonly QuotaTree _quotas;
    private readonly Dictionary<QuotaNode, ResourceVector> _leaving = [];

    /// <summary>The rules as things stand.</summary>
    /// <param name="quotas">What is kept for whom.</param>
    /// <param name="leaving">Those who leave already: what they use is given back.</param>
    public PreemptionRules(QuotaTree quotas, IEnumerable<RunningSession> leaving)
    {
        _quotas = quotas;
        foreach (var session in leaving)
        {
            Take(session, _leaving);
        }
    }

    /// <summary>By what right a session is made to leave for a unit.</summary>
    /// <param name="claimant">The unit; quotas admit it.</param>
    /// <param name="victim">The session.</param>
    public PreemptionGround GroundFor(in Candidate claimant, RunningSession victim)
    {
        if (claimant.Unit.Class == JobClass.Scavenger || victim.Terms.InGang)
        {
            return PreemptionGround.None;
        }

        var terms = victim.Terms;
        if (terms.Class == JobClass.Scavenger)
        {
            return PreemptionGround.Scavenger;
        }

        var leaf = _quotas.LeafOf(terms.Queue, terms.Tenant);
        var sameQueue = ReferenceEquals(leaf.Parent, claimant.Leaf.Parent);
        if (terms.Preemptible == true && terms.Priority < claimant.Unit.Priority && (sameQueue || !claimant.Borrows))
        {
            return PreemptionGround.Priority;
        }

        return terms.Preemptible != false && !claimant.Borrows && Lender(leaf, claimant.Leaf) is not null
            ? PreemptionGround.Borrowed
            : PreemptionGround.None;
    }

    /// <summary>
    /// The queue on the victim's side that uses more than its quota, or has none at all; null if there is none, so that
    /// what it uses is its own.
    /// </summary>
    public QuotaNode? Lender(QuotaNode victim, QuotaNode claimant) => Lender(victim, claimant, _leaving);

    private static QuotaNode? Lender(
        QuotaNode victim, QuotaNode claimant, Dictionary<QuotaNode, ResourceVector> taken)
    {
        QuotaNode? lender = null;
        var hasQuota = false;
        foreach (var node in victim.Path)
        {
            if (node.IsTenant || claimant.Path.Contains(node))
            {
                continue;
            }

            hasQuota |= node.Quota is not null;
            lender ??= node.Quota is { } quota && !(node.Used - taken.GetValueOrDefault(node)).Fits(quota) ? node : null;
        }

        return lender ?? (hasQuota || ReferenceEquals(victim.Parent, claimant.Parent) ? null : victim.Parent);
    }

    /// <summary>
    /// Whether all of <paramref name="victims"/> may be made to leave together: what is taken back from a queue ends
    /// with the one that brings it down to its quota.
    /// </summary>
    public bool MayAllLeave(in Candidate claimant, IReadOnlyList<Victim> victims)
    {
        var taken = new Dictionary<QuotaNode, ResourceVector>(_leaving);
        foreach (var (session, ground) in victims)
        {
            if (ground == PreemptionGround.Borrowed
                && Lender(_quotas.LeafOf(session.Terms.Queue, session.Terms.Tenant), claimant.Leaf, taken) is null)
            {
                return false;
            }

            Take(session, taken);
        }

        return true;
    }

    private void Take(RunningSession session, Dictionary<QuotaNode, ResourceVector> taken)
    {
        if (session.Terms.Class == JobClass.Scavenger)
        {
            return;
        }

        foreach (var node in _quotas.LeafOf(session.Terms.Queue, session.Terms.Tenant).Path)
        {
            taken[node] = taken.GetValueOrDefault(node) + Uses(session);
        }
    }

    /// <summary>What a session holds.</summary>
    internal static ResourceVector Uses(RunningSession session)
    {
        var (milli, memory) = (0L, 0L);
        foreach (var slice in session.Slices)
        {
            milli += slice.Whole ? 1000 : slice.ComputePercent * 10;
            memory += slice.MemoryBytes;
        }

        return new ResourceVector(milli, memory);
    }
}
