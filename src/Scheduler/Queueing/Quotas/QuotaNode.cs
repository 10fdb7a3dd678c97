namespace GpuActors.Scheduler.Queueing.Quotas;

/// <summary>
/// A queue, or one tenant in a queue (a <em>leaf</em>: sessions belong to leaves), with what is used by all below it.
/// Only <see cref="QuotaTree"/> changes it.
/// </summary>
public sealed class QuotaNode
{
    internal QuotaNode(
        string name, QuotaNode? parent, ResourceVector? quota, ResourceVector ceiling, double weight, TenantLimits limits)
    {
        (Name, Parent, Quota, Ceiling, Weight, Limits) = (name, parent, quota, ceiling, weight, limits);
        Path = parent is null ? [this] : [.. parent.Path, this];
    }

    /// <summary>The queue's or the tenant's name.</summary>
    public string Name { get; }

    /// <summary>The queue above; null at the top.</summary>
    public QuotaNode? Parent { get; }

    /// <summary>It stands for a tenant.</summary>
    public bool IsTenant { get; internal init; }

    /// <summary>From the top to this one.</summary>
    public QuotaNode[] Path { get; }

    /// <summary>What is kept for it; null: nothing, and no limit by it either.</summary>
    public ResourceVector? Quota { get; }

    /// <summary>The most that it may use.</summary>
    public ResourceVector Ceiling { get; }

    /// <summary>Its part among its siblings.</summary>
    public double Weight { get; }

    /// <summary>What a tenant may have.</summary>
    public TenantLimits Limits { get; }

    /// <summary>What normal sessions use, and what is asked of the cell for them.</summary>
    public ResourceVector Used { get; internal set; }

    /// <summary>What scavengers use: it counts for nobody's share and for no quota.</summary>
    public ResourceVector Scavenged { get; internal set; }

    /// <summary>Sessions that hold slices, or that the cell is asked for.</summary>
    public int Running { get; internal set; }

    /// <summary>Sessions that wait.</summary>
    public int Waiting { get; internal set; }

    /// <summary>The dominant share of what it uses, by its weight: who has the least goes first.</summary>
    public double Share { get; internal set; }

    /// <summary>It is among the <see cref="QuotaTree.Changed"/>.</summary>
    internal bool IsChanged { get; set; }

    /// <summary>What is left to it, as last worked out.</summary>
    internal QuotaRoom Room { get; set; } = new(-1, false, default, default, default);

    /// <summary>How much of what it uses is beyond its quota; all of it where it has none.</summary>
    public ResourceVector Borrowed => Used.Beyond(Quota ?? default);
}

/// <summary>What is left to a leaf, or to all of a queue.</summary>
/// <param name="Version">Of the tree when it was worked out.</param>
/// <param name="HasQuota">Something is kept for it.</param>
/// <param name="Own">What is left of the lowest quota that it lies in.</param>
/// <param name="Quota">What is left of all of them.</param>
/// <param name="Ceiling">What is left until the most that it may use.</param>
internal sealed record QuotaRoom(
    long Version, bool HasQuota, ResourceVector Own, ResourceVector Quota, ResourceVector Ceiling);
