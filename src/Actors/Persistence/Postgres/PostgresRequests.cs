using GpuActors.Actors.Persistence.Batching;
using GpuActors.Actors.Persistence.Store;
using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>One write on its way to the server.</summary>
internal abstract class PostgresRequest : IQueuedWrite
{
    /// <inheritdoc/>
    public abstract long SizeBytes { get; }

    /// <summary>Tells the caller that it is durable.</summary>
    public abstract void Succeed();

    /// <summary>Tells the caller why not.</summary>
    public abstract void Fail(Exception reason);
}

/// <summary>A write that shares a transaction with others.</summary>
internal abstract class BatchedRequest<TResult> : PostgresRequest, IBatchedRequest
{
    private readonly TaskCompletionSource<TResult> _completion =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResult> Task => _completion.Task;

    public abstract OwnershipToken Ownership { get; }

    public virtual string? PersistenceId => null;

    protected TResult? Result { get; set; }

    public abstract Exception? AddTo(PostgresBatch batch);

    public sealed override void Succeed() => _completion.TrySetResult(Result!);

    public sealed override void Fail(Exception reason) => _completion.TrySetException(reason);
}

/// <summary>What a shared transaction must know of a request beforehand.</summary>
internal interface IBatchedRequest
{
    OwnershipToken Ownership { get; }

    /// <summary>Whose events it writes; null if none's.</summary>
    string? PersistenceId { get; }

    /// <summary>Adds its rows; or gives the reason why it is refused, and has added nothing.</summary>
    Exception? AddTo(PostgresBatch batch);
}

/// <inheritdoc cref="IEventStore.AppendAsync"/>
internal sealed class AppendRequest(AtomicWrite write) : BatchedRequest<long>
{
    public override long SizeBytes { get; } = write.SizeBytes;

    public override OwnershipToken Ownership => write.Ownership;

    public override string? PersistenceId => write.Events.Count > 0 ? write.PersistenceId : null;

    public override Exception? AddTo(PostgresBatch batch)
    {
        if (write.Events.Count > 0 && batch.CheckSequence(write) is { } refusal)
            return refusal;
        if (write.Events.Count > 0)
            batch.Events.Add(write, ordering => Result = ordering);
        if (write.IndexEntry is not null)
            batch.Others.Add(write.IndexEntry, write.Ownership.Scope);
        batch.Others.Add(write.Blobs);
        return null;
    }
}

/// <inheritdoc cref="IEventStore.SaveSnapshotAsync"/>
internal sealed class SaveSnapshotRequest(OwnershipToken ownership, NewSnapshot snapshot) : BatchedRequest<bool>
{
    public override long SizeBytes => 256 + snapshot.Payload.Length;

    public override OwnershipToken Ownership => ownership;

    public override Exception? AddTo(PostgresBatch batch)
    {
        batch.Others.Add(snapshot, ownership.Epoch);
        return null;
    }
}

/// <inheritdoc cref="IEventStore.PutBlobsAsync"/>
internal sealed class PutBlobsRequest(OwnershipToken ownership, IReadOnlyList<Blob> blobs) : BatchedRequest<bool>
{
    public override long SizeBytes { get; } = blobs.Sum(blob => 128L + blob.Content.Length);

    public override OwnershipToken Ownership => ownership;

    public override Exception? AddTo(PostgresBatch batch)
    {
        batch.Others.Add(blobs);
        return null;
    }
}

/// <summary>A request with a transaction of its own.</summary>
internal abstract class LoneRequest : PostgresRequest
{
    /// <summary>True after <see cref="Run"/> if another transaction must continue it.</summary>
    public bool HasMore { get; protected set; }

    /// <summary>Does the work; may run again if the transaction has to be repeated.</summary>
    public abstract void Run(NpgsqlConnection connection);
}

/// <inheritdoc/>
internal class LoneRequest<TResult>(Func<NpgsqlConnection, TResult> run, long sizeBytes = 256) : LoneRequest
{
    private readonly TaskCompletionSource<TResult> _completion =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TResult? _result;

    public override long SizeBytes => sizeBytes;

    public Task<TResult> Task => _completion.Task;

    public override void Run(NpgsqlConnection connection) => _result = run(connection);

    public sealed override void Succeed() => _completion.TrySetResult(_result!);

    public sealed override void Fail(Exception reason) => _completion.TrySetException(reason);
}

/// <inheritdoc cref="IEventStore.DeleteEventsAsync"/>
internal sealed class DeleteEventsRequest(OwnershipToken ownership, string persistenceId, long toSequenceNr)
    : LoneRequest<bool>(_ => true)
{
    private const int EventsPerTransaction = 2_000;

    public override void Run(NpgsqlConnection connection)
    {
        PostgresChanges.CheckOwnership(connection, ownership);
        HasMore = PostgresChanges.DeleteEvents(connection, persistenceId, toSequenceNr, EventsPerTransaction)
                  == EventsPerTransaction;
        base.Run(connection);
    }
}

