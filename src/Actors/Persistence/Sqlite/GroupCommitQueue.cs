namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>
/// Bounded first-in first-out queue between all callers and the one writer. The writer sleeps while it is empty and
/// takes everything that has gathered (up to a batch's bounds) when it wakes: while one batch is being flushed to
/// disk the next one gathers, so batches grow with the load and a lone request waits for nobody.
/// </summary>
internal sealed class GroupCommitQueue(int maxRequests, long maxBytes)
{
    private readonly object _gate = new(); // a monitor, because the writer waits on it
    private readonly Queue<WriteRequest> _requests = new();
    private long _sizeBytes;
    private bool _closed;

    /// <summary>Adds a request, or throws if the queue is full or closed.</summary>
    public void Enqueue(WriteRequest request)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(SqliteEventStore));
            var full = _requests.Count >= maxRequests || _sizeBytes + request.SizeBytes > maxBytes;
            if (full && _requests.Count > 0) // a request larger than the whole bound passes when it is alone
                throw new Store.EventStoreOverloadedException(
                    $"The event store has {_requests.Count:N0} requests of {_sizeBytes:N0} bytes waiting; its bounds "
                    + $"are {maxRequests:N0} requests and {maxBytes:N0} bytes. Repeat the request later.");
            Add(request);
        }
    }

    /// <summary>Adds the rest of a request that was begun already, whatever the bounds; false if closed.</summary>
    public bool TryRequeue(WriteRequest request)
    {
        lock (_gate)
        {
            if (!_closed)
                Add(request);
            return !_closed;
        }
    }

    /// <summary>
    /// Waits for requests and moves them into <paramref name="batch"/>: at least one, and no more than the bounds
    /// allow. False once the queue is closed and empty.
    /// </summary>
    public bool Take(List<WriteRequest> batch, int batchRequests, long batchBytes)
    {
        lock (_gate)
        {
            while (_requests.Count == 0 && !_closed)
                Monitor.Wait(_gate);
            MoveTo(batch, batchRequests, batchBytes);
            return batch.Count > 0;
        }
    }

    /// <summary>Refuses further requests; those that wait are still taken.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }
    }

    private void Add(WriteRequest request)
    {
        _requests.Enqueue(request);
        _sizeBytes += request.SizeBytes;
        if (_requests.Count == 1)
            Monitor.Pulse(_gate); // the writer may sleep
    }

    private void MoveTo(List<WriteRequest> batch, int batchRequests, long batchBytes)
    {
        long taken = 0;
        while (batch.Count < batchRequests && _requests.TryPeek(out var request)
               && (batch.Count == 0 || taken + request.SizeBytes <= batchBytes))
        {
            batch.Add(_requests.Dequeue());
            taken += request.SizeBytes;
        }
        _sizeBytes -= taken;
    }
}
