using GpuActors.Scheduler.Queueing.Pool;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Queueing.Preemption;

/// <summary>
/// Who may be made to leave for whom. Never anybody of equal or higher priority, but for scavengers and for what is
/// borrowed from the quota of the one that it is for.
/// </summary>
/// <param name="quotas">What is kept for whom.</param>
public sealed class PreemptionRules(QuotaTree quotas)
{
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

        var leaf = quotas.LeafOf(terms.Queue, terms.Tenant);
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
    public QuotaNode? Lender(QuotaNode victim, QuotaNode claimant)
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
            lender ??= node.IsOverQuota ? node : null;
        }

        return lender ?? (hasQuota || ReferenceEquals(victim.Parent, claimant.Parent) ? null : victim.Parent);
    }

    /// <summary>
    /// Whether all of <paramref name="victims"/> may be made to leave together: what is taken back from a queue ends
    /// with the one that brings it down to its quota.
    /// </summary>
    public bool MayAllLeave(in Candidate claimant, IReadOnlyList<Victim> victims)
    {
        var taken = new Dictionary<QuotaNode, ResourceVector>();
        foreach (var (session, ground) in victims)
        {
            var leaf = quotas.LeafOf(session.Terms.Queue, session.Terms.Tenant);
            if (ground == PreemptionGround.Borrowed
                && Lender(leaf, claimant.Leaf) is { Quota: { } quota } lender
                && (lender.Used - taken.GetValueOrDefault(lender)).Fits(quota))
            {
                return false;
            }

            if (session.Terms.Class != JobClass.Scavenger)
            {
                foreach (var node in leaf.Path)
                {
                    taken[node] = taken.GetValueOrDefault(node) + Uses(session);
                }
            }
        }

        return true;
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
