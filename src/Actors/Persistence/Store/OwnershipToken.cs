namespace GpuActors.Actors.Persistence.Store;

/// <summary>
/// The right to write within a scope (a shard id, or <c>node</c>). The store accepts a write only while
/// <paramref name="Epoch"/> is the scope's newest; whoever acquires the scope after that makes the token stale.
/// </summary>
/// <param name="Scope">What is owned.</param>
/// <param name="Epoch">Grows by one with every acquisition; the first is 1.</param>
public readonly record struct OwnershipToken(string Scope, long Epoch)
{
    /// <summary><c>scope@epoch</c>, for logs.</summary>
    public override string ToString() => $"{Scope}@{Epoch}";
}

/// <summary>Who owns a scope at present.</summary>
/// <param name="Token">The newest token.</param>
/// <param name="Owner">The name given by the one who acquired it, or the member that claimed it; null if it is free.
/// </param>
/// <param name="AcquiredAt">When it last changed hands, by the clock of the store.</param>
public sealed record Ownership(OwnershipToken Token, string? Owner, DateTimeOffset AcquiredAt);
