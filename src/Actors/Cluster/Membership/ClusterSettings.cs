using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Cluster;

/// <summary>How a node takes part in its cluster.</summary>
public sealed record ClusterSettings
{
    /// <summary>What the node is for.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Version of the program, for others to see.</summary>
    public string AppVersion { get; init; } = "0.0.0";

    /// <summary>Where the node's HTTP API is reached; null if it has none.</summary>
    public string? HttpAddress { get; init; }

    /// <summary>How long a member may be silent before others take over what it owns. All nodes alike.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the lease is renewed and the cluster read.</summary>
    public TimeSpan RenewInterval { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>How much earlier than the lease's end a node stops acting: for clocks of different speed, and for the
    /// time that stopping takes.</summary>
    public TimeSpan LeaseMargin { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>After this a call to the store counts as failed.</summary>
    public TimeSpan StoreTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The wait before joining anew after a failed attempt; doubled after each further one, plus jitter.
    /// </summary>
    public TimeSpan RejoinDelayMin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait before joining anew.</summary>
    public TimeSpan RejoinDelayMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Another member that has its lease, but has had no connection to this one for this long, counts as lost: where
    /// that cuts the cluster in parts, the smaller part makes way.
    /// </summary>
    public TimeSpan UnreachableAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A member that has been without lease for this long, and from whom nobody took anything, is set down.
    /// </summary>
    public TimeSpan DownAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A member that has been down for this long is removed.</summary>
    public TimeSpan RemoveAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Scopes that one call to the store claims or releases at most.</summary>
    public int MaxScopesPerCall { get; init; } = 256;

    /// <summary>How long a node that has handed everything over stays, so that others learn of the new owners.</summary>
    public TimeSpan LeaveLinger { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether the actor system shuts down when another node or an operator lets this one leave.</summary>
    public bool ShutdownAfterLeave { get; init; } = true;

    /// <summary>
    /// The right to a scope that stands for this node itself, whatever its address. A node that has lost it was
    /// replaced by another process: it does not join again, which would set its successor down, but publishes
    /// <see cref="Persistence.OwnershipLost"/> and stays out. Null: there is none, and it always joins anew.
    /// </summary>
    public OwnershipToken? NodeScope { get; init; }

    internal void Validate()
    {
        RequirePositive(RenewInterval, nameof(RenewInterval));
        RequirePositive(StoreTimeout, nameof(StoreTimeout));
        RequirePositive(RejoinDelayMin, nameof(RejoinDelayMin));
        ArgumentOutOfRangeException.ThrowIfLessThan(LeaseMargin, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(LeaveLinger, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(RejoinDelayMax, RejoinDelayMin);
        ArgumentOutOfRangeException.ThrowIfLessThan(UnreachableAfter, Lease);
        ArgumentOutOfRangeException.ThrowIfLessThan(DownAfter, Lease);
        ArgumentOutOfRangeException.ThrowIfLessThan(RemoveAfter, Lease);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxScopesPerCall, 1);
        if (Lease < LeaseMargin + (2 * RenewInterval))
        {
            throw new ArgumentOutOfRangeException(
                nameof(Lease), Lease, $"A lease must be at least LeaseMargin and two RenewIntervals long, that is "
                + $"{LeaseMargin + (2 * RenewInterval)}.");
        }
    }

    private static void RequirePositive(TimeSpan value, string name) =>
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
}
