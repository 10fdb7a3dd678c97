using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Jobs;

/// <summary>
/// Waits for the ends of markers. A marker's end may come before its sender gets to wait for it; it is kept then.
/// </summary>
internal sealed class Markers
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, TaskCompletionSource<EventStatus>> _markers = [];
    private Exception? _closed;

    /// <summary>The end of the marker with this number.</summary>
    public Task<EventStatus> Wait(ulong sequence) => SourceOf(sequence).Task;

    /// <summary>A marker has ended.</summary>
    public void Ended(ulong sequence, EventStatus status) => SourceOf(sequence).TrySetResult(status);

    /// <summary>No marker ends any more.</summary>
    public void Close(Exception exception)
    {
        lock (_lock)
        {
            _closed = exception;
            foreach (var marker in _markers.Values)
            {
                marker.TrySetException(exception);
            }
        }
    }

    // Whoever comes second, the waiter or the end, takes the entry out.
    private TaskCompletionSource<EventStatus> SourceOf(ulong sequence)
    {
        lock (_lock)
        {
            if (_markers.Remove(sequence, out var source))
            {
                return source;
            }

            source = new TaskCompletionSource<EventStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
            _markers.Add(sequence, source);
            if (_closed is not null)
            {
                source.TrySetException(_closed);
            }

            return source;
        }
    }
}
