using GpuActors.Scheduler.Queueing.Quotas;

namespace GpuActors.Scheduler.Queueing;

/// <summary>One unit as the order sees it, with what of its tenant's and its queue's standing counts now.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Leaf">Its tenant in its queue.</param>
/// <param name="Borrows">It would use more than is kept for its queue.</param>
/// <param name="IsDue">It has been passed long enough.</param>
public readonly record struct Candidate(WaitingUnit Unit, QuotaNode Leaf, bool Borrows, bool IsDue);

/// <summary>
/// Who goes first. Normal jobs before scavengers; those within their quota before those who borrow (otherwise what a
/// borrower gets would be taken back at once); then those who have been passed too often; then the higher priority; then
/// the queue, the queue below it and the tenant that use the least for their weight; then the earlier deadline, the
/// earlier submission, and the id. It is a total order: shares are compared level by level as numbers, whoever's they
/// are, so that equal ones can't make a circle.
/// </summary>
public static class ServiceOrder
{
    /// <summary>Less than 0 if <paramref name="a"/> goes first.</summary>
    public static int Compare(in Candidate a, in Candidate b)
    {
        var order = a.Unit.Class.CompareTo(b.Unit.Class);
        order = order != 0 ? order : a.Borrows.CompareTo(b.Borrows);
        order = order != 0 ? order : b.IsDue.CompareTo(a.IsDue);
        if (order != 0)
        {
            return order;
        }

        if (a.IsDue)
        {
            return WaitingUnit.CompareDue(a.Unit, b.Unit);
        }

        order = b.Unit.Priority.CompareTo(a.Unit.Priority);
        order = order != 0 || ReferenceEquals(a.Leaf, b.Leaf) ? order : CompareShares(a.Leaf.Path, b.Leaf.Path);
        return order != 0 ? order : WaitingUnit.CompareInGroup(a.Unit, b.Unit);
    }

    private static int CompareShares(QuotaNode[] a, QuotaNode[] b)
    {
        for (var level = 0; level < a.Length || level < b.Length; level++)
        {
            var order = ShareAt(a, level).CompareTo(ShareAt(b, level));
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    private static double ShareAt(QuotaNode[] path, int level) => level < path.Length ? path[level].Share : 0;
}
