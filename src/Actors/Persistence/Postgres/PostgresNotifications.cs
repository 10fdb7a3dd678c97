using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>Listens for changes of the cluster, from the first listener on until it is closed.</summary>
internal sealed class PostgresNotifications(NpgsqlDataSource source, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly List<Action> _listeners = [];
    private readonly CancellationTokenSource _closed = new();
    private Task? _listening;

    public IDisposable Subscribe(Action listener)
    {
        lock (_lock)
        {
            _listeners.Add(listener);
            _listening ??= ListenAsync();
        }
        return new Subscription(this, listener);
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync().ConfigureAwait(false);
        if (_listening is { } listening)
            await listening.ConfigureAwait(false);
        _closed.Dispose();
    }

    private async Task ListenAsync()
    {
        while (!_closed.IsCancellationRequested)
        {
            try
            {
                await ListenOnceAsync().ConfigureAwait(false);
            }
            catch (Exception error) when (error is NpgsqlException or OperationCanceledException or ObjectDisposedException)
            {
                // Hints are lost meanwhile; nothing depends on them.
            }
            await Task.Delay(RetryDelay, time, _closed.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ListenOnceAsync()
    {
        await using var connection = await source.OpenConnectionAsync(_closed.Token).ConfigureAwait(false);
        connection.Notification += (_, _) => Tell();
        await using (var listen = new NpgsqlCommand($"LISTEN {PostgresCluster.Channel}", connection))
            await listen.ExecuteNonQueryAsync(_closed.Token).ConfigureAwait(false);
        Tell(); // something may have changed while nobody listened
        while (true)
            await connection.WaitAsync(_closed.Token).ConfigureAwait(false);
    }

    private void Tell()
    {
        Action[] listeners;
        lock (_lock)
            listeners = [.. _listeners];
        foreach (var listener in listeners)
            listener();
    }

    private sealed class Subscription(PostgresNotifications notifications, Action listener) : IDisposable
    {
        public void Dispose()
        {
            lock (notifications._lock)
                notifications._listeners.Remove(listener);
        }
    }
}
