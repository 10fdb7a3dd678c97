using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence;

/// <summary>How the persistent actors of a system work.</summary>
public sealed record PersistenceSettings
{
    /// <summary>The scope that this node acquires and under which all its actors write.</summary>
    public string OwnershipScope { get; init; } = "node";

    /// <summary>Who acquires it, for others to read; null for the system's name and a random number.</summary>
    public string? Owner { get; init; }

    /// <summary>How many actors recover at once; others wait, so that a restart doesn't flood the store.</summary>
    public int MaxConcurrentRecoveries { get; init; } = 32;

    /// <summary>Events that one page of a replay holds; an actor recovers with at most two pages in memory.</summary>
    public int ReplayPageEvents { get; init; } = 500;

    /// <summary>Calls of <c>PersistAsync</c> that one actor may have under way; further ones are rejected.</summary>
    public int MaxPendingPersists { get; init; } = 10_000;

    /// <summary>Change stored events and snapshots of older versions before they are read, in this order.</summary>
    public IReadOnlyList<IEventUpcaster> Upcasters { get; init; } = [];

    /// <summary>How long an actor with a poison event is left alone before it is tried again.</summary>
    public TimeSpan QuarantineRetryAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Actors that may be in quarantine; further ones are tried again as if they had stopped for another
    /// reason.</summary>
    public int MaxQuarantined { get; init; } = 10_000;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(QuarantineRetryAfter, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxQuarantined, 0);
        StoreLimits.CheckName(OwnershipScope, nameof(OwnershipScope));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConcurrentRecoveries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPendingPersists, 1);
        StoreLimits.CheckLimit(ReplayPageEvents);
    }
}
