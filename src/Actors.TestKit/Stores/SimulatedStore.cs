using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.TestKit.Stores;

/// <summary>
/// One node's way to a <see cref="SimulatedDatabase"/>, with a real store's semantics: writes take effect in the order
/// of the calls, those that wait share a transaction, and <see cref="IStoreFaults"/> decides what goes wrong. Reads,
/// renewals, claims and the like don't wait for the writes.
/// </summary>
public sealed partial class SimulatedStore : IClusterStore
{
    private readonly SimulatedDatabase _database;
    private readonly IActorRuntime _runtime;
    private readonly string _node;
    private readonly IStoreFaults? _faults;
    private readonly SimulatedStoreSettings _settings;
    private readonly Lock _lock = new();
    private readonly Queue<SimulatedRequest> _queue = new();
    private readonly List<Action> _listeners = [];
    private readonly TaskCompletionSource _drained = new();
    private bool _isPumping;
    private bool _isClosed;
    private volatile bool _isKilled;

    internal SimulatedStore(
        SimulatedDatabase database, IActorRuntime runtime, string node, IStoreFaults? faults,
        SimulatedStoreSettings settings)
    {
        (_database, _runtime, _node, _faults, _settings) = (database, runtime, node, faults, settings);
        database.ClusterChanged += Notify;
    }

    /// <summary>
    /// The node's process dies: whatever has not taken effect yet never will, and nobody is told anything any more.
    /// </summary>
    public void Kill()
    {
        _isKilled = true;
        _database.ClusterChanged -= Notify;
        lock (_lock)
        {
            _isClosed = true;
            _queue.Clear();
            _listeners.Clear();
        }
    }

    /// <summary>Writes what was called for already, refuses everything else.</summary>
    public ValueTask DisposeAsync()
    {
        _database.ClusterChanged -= Notify;
        lock (_lock)
        {
            _isClosed = true;
            _listeners.Clear();
            if (!_isPumping || _isKilled)
                return ValueTask.CompletedTask;
            return new ValueTask(_drained.Task);
        }
    }

    /// <inheritdoc/>
    public IDisposable OnChanged(Action changed)
    {
        lock (_lock)
            _listeners.Add(changed);
        return new Subscription(this, changed);
    }

    // In the order of the calls, one transaction after the other.
    private Task<T> Write<T>(
        StoreOperation operation, Func<SimulatedDatabase, T> run, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = new SimulatedRequest<T>(operation, run);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(SimulatedStore));
            if (_queue.Count >= _settings.MaxQueuedRequests)
                throw new EventStoreOverloadedException(
                    $"The event store has {_queue.Count:N0} requests waiting, which is its bound. Repeat later.");
            _queue.Enqueue(request);
            if (!_isPumping)
            {
                _isPumping = true;
                _runtime.Execute(new Started(PumpAsync));
            }
        }
        if (_database.PlantedBug == PlantedStoreBug.AcknowledgesBeforeCommit && operation == StoreOperation.Write)
            request.Pretend();
        return request.Task;
    }

    // At once, beside whatever else is under way.
    private Task<T> Ask<T>(StoreOperation operation, Func<SimulatedDatabase, T> run, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = new SimulatedRequest<T>(operation, run);
        lock (_lock)
            ObjectDisposedException.ThrowIf(_isClosed, typeof(SimulatedStore));
        _runtime.Execute(new Started(() => TransactAsync([request])));
        return request.Task;
    }

    private async Task PumpAsync()
    {
        while (Take() is { Count: > 0 } batch)
            await TransactAsync(batch);
    }

    private List<SimulatedRequest> Take()
    {
        var batch = new List<SimulatedRequest>();
        lock (_lock)
        {
            while (batch.Count < _settings.MaxBatchRequests && _queue.TryPeek(out var next)
                   && (batch.Count == 0 || (IsPlain(next) && IsPlain(batch[0]))))
                batch.Add(_queue.Dequeue());
            if (batch.Count == 0)
            {
                _isPumping = false;
                if (_isClosed)
                    _drained.TrySetResult();
            }
        }
        return batch;
    }

    // Ordinary writes share a transaction; what changes owners has one of its own.
    private static bool IsPlain(SimulatedRequest request) => request.Operation == StoreOperation.Write;

    private async Task TransactAsync(List<SimulatedRequest> batch)
    {
        var operation = batch[0].Operation;
        var fault = _faults?.Decide(_node, operation) ?? default;
        var isLost = fault.Kind == StoreFaultKind.AnswerLost;
        await DelayAsync(isLost ? default : fault.Delay);
        if (_isKilled)
            return;
        var failure = Failure(fault.Kind, operation);
        if (failure is null || isLost)
        {
            foreach (var request in batch)
                request.Run(_database);
        }
        await DelayAsync(isLost ? fault.Delay : default);
        // Apart from the queue's work, which must go on whatever the callers do next.
        _runtime.Execute(new Started(() => CompleteAsync(batch, failure)));
    }

    private Task CompleteAsync(List<SimulatedRequest> batch, EventStoreUnavailableException? failure)
    {
        foreach (var request in batch)
        {
            if (!_isKilled)
                Complete(request, failure);
        }
        return Task.CompletedTask;
    }

    private static void Complete(SimulatedRequest request, EventStoreUnavailableException? failure)
    {
        if (failure is null)
            request.Complete();
        else
            request.Fail(failure);
    }

    private EventStoreUnavailableException? Failure(StoreFaultKind kind, StoreOperation operation) => kind switch
    {
        StoreFaultKind.Unreachable => Unavailable("can't be reached"),
        StoreFaultKind.AnswerLost => Unavailable("did not answer; the outcome isn't known"),
        StoreFaultKind.CommitFails when operation != StoreOperation.Read => Unavailable("has a full disk"),
        _ => null,
    };

    private EventStoreUnavailableException Unavailable(string why) =>
        new($"The simulated database {why} (node {_node}).", new IOException(why));

    private Task DelayAsync(TimeSpan more)
    {
        var range = (int)(_settings.LatencyMax - _settings.LatencyMin).TotalMicroseconds;
        var drawn = range > 0 ? TimeSpan.FromMicroseconds(_runtime.Random.Next(range)) : default;
        var delay = _settings.LatencyMin + drawn + more;
        return delay > TimeSpan.Zero ? Task.Delay(delay, _runtime.Time) : Task.CompletedTask;
    }

    private void Notify()
    {
        lock (_lock)
        {
            if (_listeners.Count == 0 || (_faults?.Decide(_node, StoreOperation.Notify).Kind ?? default) != default)
                return;
        }
        _runtime.Execute(new Started(NotifyAsync));
    }

    private async Task NotifyAsync()
    {
        await DelayAsync(default);
        Action[] listeners;
        lock (_lock)
            listeners = [.. _listeners];
        foreach (var listener in listeners)
            listener();
    }

    private sealed class Started(Func<Task> run) : IThreadPoolWorkItem
    {
        public void Execute() => _ = run();
    }

    private sealed class Subscription(SimulatedStore store, Action listener) : IDisposable
    {
        public void Dispose()
        {
            lock (store._lock)
                store._listeners.Remove(listener);
        }
    }
}
