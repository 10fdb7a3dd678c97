namespace GpuActors.Actors.Persistence.Batching;

/// <summary>What waits to be written.</summary>
internal interface IQueuedWrite
{
    /// <summary>Roughly the memory that it holds.</summary>
    long SizeBytes { get; }
}

/// <summary>
/// Bounded first-in first-out queue between all callers and the one writer. The writer sleeps while it is empty and
/// takes everything that has gathered (up to a batch's bounds) when it wakes: while one batch is being flushed to
/// disk the next one gathers, so batches grow with the load and a lone request waits for nobody.
/// </summary>
internal sealed class GroupCommitQueue<TRequest>(int maxRequests, long maxBytes)
    where TRequest : IQueuedWrite
{
    private readonly object _gate = new(); // a monitor, because the writer waits on it
    private readonly Queue<TRequest> _requests = new();
    private readonly Queue<TRequest> _urgent = new();
    private long _sizeBytes;
    private bool _closed;

    /// <summary>Adds a request, or throws if the queue is full or closed.</summary>
    public void Enqueue(TRequest request)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            var full = _requests.Count >= maxRequests || _sizeBytes + request.SizeBytes > maxBytes;
            if (full && _requests.Count > 0) // a request larger than the whole bound passes when it is alone
                throw new Store.EventStoreOverloadedException(
                    $"The event store has {_requests.Count:N0} requests of {_sizeBytes:N0} bytes waiting; its bounds "
                    + $"are {maxRequests:N0} requests and {maxBytes:N0} bytes. Repeat the request later.");
            Add(request);
        }
    }

    /// <summary>Adds a request that doesn't wait for those before it; the bounds don't apply.</summary>
    public void EnqueueUrgent(TRequest request)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            _urgent.Enqueue(request);
            _sizeBytes += request.SizeBytes;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Adds the rest of a request that was begun already, whatever the bounds; false if closed.</summary>
    public bool TryRequeue(TRequest request)
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
    public bool Take(List<TRequest> batch, int batchRequests, long batchBytes)
    {
        lock (_gate)
        {
            while (_requests.Count == 0 && _urgent.Count == 0 && !_closed)
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

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_closed, typeof(Store.IEventStore));

    private void Add(TRequest request)
    {
        _requests.Enqueue(request);
        _sizeBytes += request.SizeBytes;
        if (_requests.Count == 1)
            Monitor.Pulse(_gate); // the writer may sleep
    }

    private void MoveTo(List<TRequest> batch, int batchRequests, long batchBytes)
    {
        long taken = 0;
        while (_urgent.TryDequeue(out var urgent))
        {
            batch.Add(urgent);
            taken += urgent.SizeBytes;
        }
        while (batch.Count < batchRequests && _requests.TryPeek(out var request)
               && (batch.Count == 0 || taken + request.SizeBytes <= batchBytes))
        {
            batch.Add(_requests.Dequeue());
            taken += request.SizeBytes;
        }
        _sizeBytes -= taken;
    }
}
