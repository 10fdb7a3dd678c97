using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>
/// Runs reads on a bounded number of connections, on the runtime's threads; further reads wait in order, in a bounded
/// queue. Reading never waits for writing, because SQLite's readers see the state of the last commit.
/// </summary>
internal sealed class ReadPool(
    IActorRuntime runtime, Func<ReadConnection> open, int maxConnections, int maxWaiting) : IThreadPoolWorkItem
{
    private readonly object _gate = new(); // a monitor, because draining waits on it
    private readonly Queue<ReadRequest> _waiting = new();
    private readonly Stack<ReadConnection> _idle = new();
    private int _running;
    private bool _paused;
    private bool _closed;

    public Task<TResult> RunAsync<TResult>(Func<ReadConnection, TResult> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = new ReadRequest<TResult>(read, cancellationToken);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(SqliteEventStore));
            if (_waiting.Count >= maxWaiting)
                throw new EventStoreOverloadedException(
                    $"The event store has {_waiting.Count:N0} reads waiting, which is its bound. Repeat later.");
            _waiting.Enqueue(request);
            StartOne();
        }
        return request.Task;
    }

    /// <summary>Lets running reads end, starts no others meanwhile, runs <paramref name="action"/>, goes on.</summary>
    public void RunAlone(Action action)
    {
        Drain();
        try
        {
            action();
        }
        finally
        {
            lock (_gate)
            {
                _paused = false;
                for (var i = 0; i < maxConnections; i++)
                    StartOne();
            }
        }
    }

    /// <summary>Lets running reads end and refuses those that wait.</summary>
    public void Close()
    {
        lock (_gate)
            _closed = true;
        Drain();
        while (_waiting.TryDequeue(out var request))
            request.Fail(new ObjectDisposedException(nameof(SqliteEventStore)));
        while (_idle.TryPop(out var connection))
            connection.Dispose();
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (!TryTake(out var request, out var connection))
            return;
        Return(request.Run(connection, open));
        request.Complete();
    }

    private bool TryTake(out ReadRequest request, out ReadConnection? connection)
    {
        lock (_gate)
        {
            var found = _waiting.TryDequeue(out request!);
            connection = null;
            if (found)
                _idle.TryPop(out connection);
            else
                Finish();
            return found;
        }
    }

    private void Return(ReadConnection? connection)
    {
        lock (_gate)
        {
            if (connection is not null)
                _idle.Push(connection);
            Finish();
        }
    }

    private void Finish()
    {
        _running--;
        StartOne();
        if (_paused && _running == 0)
            Monitor.Pulse(_gate);
    }

    private void StartOne()
    {
        if (_paused || _waiting.Count == 0 || _running >= maxConnections)
            return;
        _running++;
        runtime.Execute(this);
    }

    private void Drain()
    {
        lock (_gate)
        {
            _paused = true;
            while (_running > 0)
                Monitor.Wait(_gate);
        }
    }
}
