namespace GpuActors.Scheduler.Queueing.Quotas;

/// <summary>Whether quotas let a demand be served now.</summary>
/// <param name="Blocker">The queue or tenant that has no more to give; null: it may be served.</param>
/// <param name="Obstacle">What of it is used up.</param>
/// <param name="Borrows">It would use more than is kept for it.</param>
public readonly record struct QuotaVerdict(QuotaNode? Blocker, QuotaObstacle Obstacle, bool Borrows)
{
    /// <summary>It may be served.</summary>
    public bool Admits => Blocker is null;

    /// <summary>Why it waits, for people.</summary>
    /// <param name="demand">What is asked for.</param>
    public string Sentence(in ResourceVector demand)
    {
        var node = Blocker ?? throw new InvalidOperationException("Nothing stands against it.");
        var who = node.IsTenant ? $"tenant {node.Name}" : node.Name;
        return Obstacle switch
        {
            QuotaObstacle.Running =>
                $"waits: {who} has {node.Running} of {node.Limits.MaxRunning} running jobs in {node.Parent!.Name}",
            QuotaObstacle.MustNotBorrow =>
                $"waits: quota of {who} used up, {node.Used.Against(node.Quota!.Value, demand)}; "
                + "a job that must not be preempted can't borrow",
            QuotaObstacle.Limit => $"waits: limit of {who} reached, {node.Used.Against(node.Ceiling, demand)}",
            _ => $"waits: quota of {who} used up, {node.Used.Against(node.Ceiling, demand)}",
        };
    }
}

/// <summary>What of a queue is used up.</summary>
public enum QuotaObstacle
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Its quota, and it does not borrow.</summary>
    Quota,

    /// <summary>The most that it may use, borrowed or not.</summary>
    Limit,

    /// <summary>Its quota, and the session must not be preempted, so that it can't use what has to be given back.</summary>
    MustNotBorrow,

    /// <summary>The sessions that a tenant may run.</summary>
    Running,
}
