namespace GpuActors.Actors.TestKit.Stores;

/// <summary>What a node asks of the store.</summary>
public enum StoreOperation
{
    /// <summary>Any read.</summary>
    Read,

    /// <summary>A transaction of events, snapshots, index rows, blobs, deletions.</summary>
    Write,

    /// <summary>Acquiring a scope.</summary>
    Acquire,

    /// <summary>Joining the cluster.</summary>
    Join,

    /// <summary>Renewing a lease.</summary>
    Renew,

    /// <summary>Setting a member's status.</summary>
    SetStatus,

    /// <summary>Claiming scopes.</summary>
    Claim,

    /// <summary>Releasing scopes.</summary>
    Release,

    /// <summary>Hearing of a change; any fault loses it.</summary>
    Notify,
}

/// <summary>How a request to the store ends.</summary>
public enum StoreFaultKind
{
    /// <summary>As it should.</summary>
    None,

    /// <summary>The node can't reach the store: nothing happens there.</summary>
    Unreachable,

    /// <summary>The disk is full: nothing happens; reads are not concerned.</summary>
    CommitFails,

    /// <summary>It takes effect, but the node doesn't hear of it: for the node the outcome isn't known.</summary>
    AnswerLost,
}

/// <summary>What happens to a request.</summary>
/// <param name="Kind">How it ends.</param>
/// <param name="Delay">How much longer it takes: before the effect; for <see cref="StoreFaultKind.AnswerLost"/> after it.
/// </param>
public readonly record struct StoreFault(StoreFaultKind Kind, TimeSpan Delay = default);

/// <summary>Decides what goes wrong between nodes and their store. Called once for each transaction and each read, when
/// it sets out.</summary>
public interface IStoreFaults
{
    /// <summary>What happens to a request of <paramref name="node"/>.</summary>
    StoreFault Decide(string node, StoreOperation operation);
}

/// <summary>A bug of the store itself, by which a simulation proves that its checks can fail.</summary>
public enum PlantedStoreBug
{
    /// <summary>None.</summary>
    None,

    /// <summary>Writes are accepted whatever their epoch.</summary>
    SkipsEpochCheck,

    /// <summary>Writes are acknowledged before they take effect.</summary>
    AcknowledgesBeforeCommit,
}
