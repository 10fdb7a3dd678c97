using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Queueing;

/// <summary>What is served at once: a session, or all members of a gang.</summary>
public sealed class WaitingUnit
{
    internal WaitingUnit(WaitingSession[] members, ResourceVector demand)
    {
        (Members, Demand) = (members, demand);
        var first = members[0];
        Id = first.Gang is { } gang ? $"{first.Terms.Tenant}/gang:{gang.Name}" : first.Session;
        Priority = members.Max(member => member.Priority);
        SubmittedAt = members.Min(member => member.SubmittedAt);
        LatestStart = members.Min(member => member.LatestStart) ?? DateTimeOffset.MaxValue;
        TimeLimit = Array.Exists(members, member => member.Terms.TimeLimit is null) ? null
            : members.Max(member => member.Terms.TimeLimit);
        MayBorrow = first.Gang is null && first.Terms.Preemptible != false;
    }

    /// <summary>The session's id, or the gang's name.</summary>
    public string Id { get; }

    /// <summary>The sessions.</summary>
    public IReadOnlyList<WaitingSession> Members { get; }

    /// <summary>What they use together, at most.</summary>
    public ResourceVector Demand { get; }

    /// <summary>The highest of its members'.</summary>
    public int Priority { get; }

    /// <summary>When the first of them was submitted.</summary>
    public DateTimeOffset SubmittedAt { get; }

    /// <summary>When the first of them must have begun; the end of time if none must.</summary>
    public DateTimeOffset LatestStart { get; }

    /// <summary>How long they run at most; null: not known.</summary>
    public TimeSpan? TimeLimit { get; }

    /// <summary>It gives back what it borrows; a gang does not, because it is not taken apart.</summary>
    public bool MayBorrow { get; }

    /// <summary>Normal, or one that uses what is idle.</summary>
    public JobClass Class => Members[0].Terms.Class;

    /// <summary>It is a gang.</summary>
    public bool IsGang => Members[0].Gang is not null;

    /// <summary>
    /// Once the queue has served so many units, this one goes before all that came after it: nobody is passed for ever.
    /// </summary>
    public long Due { get; internal set; }

    /// <summary>The order within one tenant, class and priority's bounds: those that are due aside.</summary>
    internal static int CompareInGroup(WaitingUnit a, WaitingUnit b)
    {
        var order = b.Priority.CompareTo(a.Priority);
        order = order != 0 ? order : a.LatestStart.CompareTo(b.LatestStart);
        order = order != 0 ? order : a.SubmittedAt.CompareTo(b.SubmittedAt);
        return order != 0 ? order : string.CompareOrdinal(a.Id, b.Id);
    }

    internal static int CompareDue(WaitingUnit a, WaitingUnit b)
    {
        var order = a.Due.CompareTo(b.Due);
        return order != 0 ? order : string.CompareOrdinal(a.Id, b.Id);
    }
}
