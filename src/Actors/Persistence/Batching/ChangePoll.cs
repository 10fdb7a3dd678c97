using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence.Batching;

/// <summary>Reads a version number from time to time, while anybody listens, and calls the listeners when it has grown.
/// </summary>
internal sealed class ChangePoll(TimeProvider time, TimeSpan interval, Func<Task<long>> readVersion)
{
    private readonly Lock _lock = new();
    private readonly List<Action> _listeners = [];
    private ITimer? _timer;
    private bool _isReading;
    private long _version = -1;

    public IDisposable Subscribe(Action listener)
    {
        lock (_lock)
        {
            _listeners.Add(listener);
            _timer ??= time.CreateTimer(static poll => _ = ((ChangePoll)poll!).PollAsync(), this, interval, interval);
        }
        return new Subscription(this, listener);
    }

    /// <summary>Forgets all listeners.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _listeners.Clear();
            Stop();
        }
    }

    private void Remove(Action listener)
    {
        lock (_lock)
        {
            _listeners.Remove(listener);
            if (_listeners.Count == 0)
                Stop();
        }
    }

    private void Stop()
    {
        _timer?.Dispose();
        _timer = null;
        _version = -1;
    }

    private async Task PollAsync()
    {
        lock (_lock)
        {
            if (_isReading || _timer is null)
                return;
            _isReading = true;
        }
        long? version = null;
        try
        {
            version = await readVersion();
        }
        catch (Exception error) when (error is EventStoreException or ObjectDisposedException)
        {
            // Only a hint is lost: the next poll tries again.
        }
        foreach (var listener in Take(version))
            listener();
    }

    private List<Action> Take(long? version)
    {
        lock (_lock)
        {
            _isReading = false;
            if (version is null || version == _version)
                return [];
            var isFirst = _version < 0;
            _version = version.Value;
            return isFirst ? [] : [.. _listeners];
        }
    }

    private sealed class Subscription(ChangePoll poll, Action listener) : IDisposable
    {
        public void Dispose() => poll.Remove(listener);
    }
}
