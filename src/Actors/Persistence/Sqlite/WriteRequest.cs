using GpuActors.Actors.Persistence.Batching;

namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>One write on its way to the disk.</summary>
internal abstract class WriteRequest : IQueuedWrite
{
    /// <inheritdoc/>
    public abstract long SizeBytes { get; }

    /// <summary>True after <see cref="Execute"/> if another transaction must continue it.</summary>
    public bool HasMore { get; protected set; }

    /// <summary>
    /// Does the work within the open transaction. Everything that can refuse it is looked at before anything is
    /// changed, so a refusal needs no rollback. May run again if the transaction has to be repeated.
    /// </summary>
    /// <returns>Why it is refused; null if it isn't.</returns>
    public abstract Exception? Execute(WriteTransaction transaction);

    /// <summary>Tells the caller that the work of the last <see cref="Execute"/> is durable.</summary>
    public abstract void Succeed();

    /// <summary>Tells the caller why not.</summary>
    public abstract void Fail(Exception reason);
}

/// <summary>A write whose caller awaits a <typeparamref name="TResult"/>.</summary>
internal abstract class WriteRequest<TResult> : WriteRequest
{
    // Asynchronous continuations: a caller's code must not run on the writer's thread and hold everybody up.
    private readonly TaskCompletionSource<TResult> _completion =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResult> Task => _completion.Task;

    protected abstract TResult Result { get; }

    public sealed override void Succeed() => _completion.TrySetResult(Result);

    public sealed override void Fail(Exception reason) => _completion.TrySetException(reason);
}
