using GpuActors.Actors.Persistence.Store;
using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>Runs reads on a bounded number of connections; further ones wait in order, up to a bound.</summary>
internal sealed class PostgresReads(NpgsqlDataSource source, int maxConnections, int maxWaiting) : IAsyncDisposable
{
    private readonly SemaphoreSlim _connections = new(maxConnections);
    private int _waiting;
    private volatile bool _isClosed;

    public async Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_isClosed, typeof(PostgresEventStore));
        await EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await TwiceAsync(read, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            throw PostgresErrors.Translate(error, "reading");
        }
        finally
        {
            _connections.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        _isClosed = true;
        return source.DisposeAsync();
    }

    private async Task EnterAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) > maxWaiting)
                throw new EventStoreOverloadedException(
                    $"The event store has {maxWaiting:N0} reads waiting, which is its bound. Repeat later.");
            await _connections.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    // A connection of the pool may have broken since it was used last: then a new one is tried, once.
    private async Task<T> TwiceAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            return await OnceAsync(read, cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException broken) when (broken.IsTransient && broken.InnerException is not TimeoutException)
        {
            return await OnceAsync(read, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<T> OnceAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        return await read(connection).ConfigureAwait(false);
    }
}
