namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>One read that waits for a connection.</summary>
internal abstract class ReadRequest
{
    /// <summary>
    /// Reads on <paramref name="connection"/>, opening it first if there is none, and remembers result or error.
    /// </summary>
    /// <returns>The connection for the next read; null after an error, because then its state isn't known.</returns>
    public abstract ReadConnection? Run(ReadConnection? connection, Func<ReadConnection> open);

    /// <summary>Gives the caller what <see cref="Run"/> remembered.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception reason);
}

/// <summary>One read with its result.</summary>
internal sealed class ReadRequest<TResult>(Func<ReadConnection, TResult> read, CancellationToken cancellationToken)
    : ReadRequest
{
    private readonly TaskCompletionSource<TResult> _completion =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TResult? _result;
    private Exception? _error;

    public Task<TResult> Task => _completion.Task;

    public override ReadConnection? Run(ReadConnection? connection, Func<ReadConnection> open)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            connection ??= open();
            _result = read(connection);
            return connection;
        }
        catch (OperationCanceledException canceled)
        {
            _error = canceled;
            return connection;
        }
        catch (Exception error)
        {
            _error = error;
            connection?.Dispose();
            return null;
        }
    }

    public override void Complete()
    {
        if (_error is null)
            _completion.TrySetResult(_result!);
        else
            Fail(_error);
    }

    public override void Fail(Exception reason)
    {
        if (reason is OperationCanceledException)
            _completion.TrySetCanceled(cancellationToken);
        else
            _completion.TrySetException(SqliteErrors.Translate(reason, "reading"));
    }
}
