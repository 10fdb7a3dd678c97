namespace GpuActors.Scheduler.Queueing.Quotas;

/// <summary>One queue as it is configured: an organisation, a team, or whatever shares a quota.</summary>
public sealed record QueueSpec
{
    /// <summary>The queue of those who name none.</summary>
    public const string DefaultName = "default";

    /// <summary>Its name, unique in the pool.</summary>
    public required string Name { get; init; }

    /// <summary>The queue that it is a part of; null: none.</summary>
    public string? Parent { get; init; }

    /// <summary>What is kept for it: others give it back when it wants it. Null: nothing, and no limit by it either.</summary>
    public ResourceVector? Quota { get; init; }

    /// <summary>It may use more than its quota while nobody else wants that.</summary>
    public bool Borrow { get; init; }

    /// <summary>The most that it uses, borrowed or not; null: no limit beside the quota.</summary>
    public ResourceVector? Limit { get; init; }

    /// <summary>Its part among those of the same parent; twice the weight is twice the share.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>What one tenant may have in this queue.</summary>
    public TenantLimits Tenants { get; init; } = TenantLimits.None;
}

/// <summary>What one tenant may have in one queue at a time.</summary>
/// <param name="MaxRunning">Sessions that hold slices.</param>
/// <param name="MaxWaiting">Sessions that wait.</param>
/// <param name="MaxGpuMilli">GPUs in thousandths.</param>
public sealed record TenantLimits(int MaxRunning, int MaxWaiting, long MaxGpuMilli)
{
    /// <summary>No limits.</summary>
    public static TenantLimits None { get; } = new(int.MaxValue, int.MaxValue, long.MaxValue);
}
