using GpuActors.Scheduler.Queueing.Pool;

namespace GpuActors.Scheduler.Queueing.Preemption;

/// <summary>Who has to leave, so that one unit finds room.</summary>
/// <param name="For">The unit.</param>
/// <param name="Devices">Where it will, <c>HOST/INDEX</c>; nobody else is put there meanwhile.</param>
/// <param name="Victims">Who leaves; without any of them there would be too little room.</param>
public sealed record PreemptionPlan(WaitingUnit For, string[] Devices, IReadOnlyList<Victim> Victims)
{
    /// <summary>How long it takes at most until all have left.</summary>
    public TimeSpan Grace => Victims.Max(victim => victim.Session.Terms.Grace);
}

/// <summary>One that has to leave, and by what right it is made to.</summary>
/// <param name="Session">The session.</param>
/// <param name="Ground">Why it, of all.</param>
public readonly record struct Victim(RunningSession Session, PreemptionGround Ground)
{
    /// <summary>What its owner is told.</summary>
    /// <param name="claimant">For whom it leaves.</param>
    public string Sentence(WaitingUnit claimant)
    {
        var whom = WaitingQueue.NameFor(Session.Terms.Tenant, claimant.Members[0].Terms.Tenant, claimant.Id);
        var why = Ground switch
        {
            PreemptionGround.Scavenger => "a scavenger yields to every normal job",
            PreemptionGround.Priority => $"which has priority {claimant.Priority}, and this one {Session.Terms.Priority}",
            _ => $"whose queue {claimant.Members[0].Terms.Queue} takes back the quota that queue "
                + $"{Session.Terms.Queue} has borrowed",
        };
        return $"Preempted for {whom}: {why}.";
    }
}

/// <summary>By what right a session is made to leave.</summary>
public enum PreemptionGround
{
    /// <summary>It may not be.</summary>
    None,

    /// <summary>It is a scavenger.</summary>
    Scavenger,

    /// <summary>It may be preempted and has a lower priority.</summary>
    Priority,

    /// <summary>Its queue has borrowed what another one wants back.</summary>
    Borrowed,
}
