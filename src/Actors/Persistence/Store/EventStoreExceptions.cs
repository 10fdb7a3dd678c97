namespace GpuActors.Actors.Persistence.Store;

/// <summary>What an event store throws, apart from <see cref="ArgumentException"/> for a request that breaks a bound
/// and <see cref="ObjectDisposedException"/> after it was closed.</summary>
public abstract class EventStoreException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The writer's ownership is not the newest: somebody else owns the scope now. Nothing was written.</summary>
public sealed class FencedException(OwnershipToken token, long currentEpoch, string? currentOwner)
    : EventStoreException(Explain(token, currentEpoch, currentOwner))
{
    /// <summary>What the writer held.</summary>
    public OwnershipToken Token => token;

    /// <summary>The newest epoch; 0 if nobody ever acquired the scope.</summary>
    public long CurrentEpoch => currentEpoch;

    /// <summary>Who owns the scope; null if nobody ever acquired it or it is free.</summary>
    public string? CurrentOwner => currentOwner;

    private static string Explain(OwnershipToken token, long currentEpoch, string? currentOwner)
    {
        var held = $"Write refused: the writer holds epoch {token.Epoch} of '{token.Scope}'";
        return currentOwner is not null ? $"{held}, but epoch {currentEpoch} belongs to '{currentOwner}'."
            : currentEpoch > 0 ? $"{held}, which is free since epoch {currentEpoch} was given back or taken away."
            : $"Write refused: nobody has acquired '{token.Scope}' in this store, yet the writer claims epoch {token.Epoch}.";
    }
}

/// <summary>
/// The first event of a write doesn't follow the last one stored: a second writer of the same persistence id, or a
/// write after one that failed. Nothing was written.
/// </summary>
public sealed class SequenceConflictException(string persistenceId, long firstSequenceNr, long highestSequenceNr)
    : EventStoreException($"Write refused: '{persistenceId}' has events up to sequence number {highestSequenceNr}, so "
                          + $"the next is {highestSequenceNr + 1}, not {firstSequenceNr}; another writer has written "
                          + "or an earlier write failed.")
{
    /// <summary>Whose events.</summary>
    public string PersistenceId => persistenceId;

    /// <summary>Number of the first event of the refused write.</summary>
    public long FirstSequenceNr => firstSequenceNr;

    /// <summary>Highest number that the store has.</summary>
    public long HighestSequenceNr => highestSequenceNr;
}

/// <summary>Too many requests wait already. Nothing was written; the request can be repeated later.</summary>
public sealed class EventStoreOverloadedException(string message) : EventStoreException(message);

/// <summary>
/// The medium failed: disk full, an I/O error, another process held the lock for too long, or the database could not
/// be reached. The write may be repeated; but it may have taken effect all the same when the process or the connection
/// broke at this very moment, so a writer that can't repeat it should recover its state from the store.
/// </summary>
public sealed class EventStoreUnavailableException(string message, Exception inner)
    : EventStoreException(message, inner);

/// <summary>A blob can't be completed because parts of its upload are missing or have a wrong size. Nothing was
/// changed.</summary>
public sealed class BlobIncompleteException(string message) : EventStoreException(message);

/// <summary>The data is of a kind or version that this program doesn't know. It was not touched.</summary>
public sealed class EventStoreSchemaException(string message) : EventStoreException(message);
