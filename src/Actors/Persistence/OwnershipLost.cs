using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence;

/// <summary>
/// Published on the event stream when the store refuses an actor's write because somebody else owns the scope now.
/// The actor stops. A node that sees this should stop working in that scope; when the scope stands for the node itself
/// (<see cref="PersistenceExtension.Ownership"/>) it was replaced, and should end.
/// </summary>
/// <param name="PersistenceId">The actor, or the part of the node, that was refused.</param>
/// <param name="Token">What this node holds.</param>
/// <param name="CurrentEpoch">The newest epoch.</param>
/// <param name="CurrentOwner">Who has it; null if nobody ever acquired the scope.</param>
public sealed record OwnershipLost(
    string PersistenceId, OwnershipToken Token, long CurrentEpoch, string? CurrentOwner);
