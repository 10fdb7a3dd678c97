using System.Buffers;
using System.IO.Pipelines;

namespace GpuActors.Actors.TestKit.Simulation;

/// <summary>What one end of a connection writes. Each flush is a packet.</summary>
internal sealed class SimulatedOutput(SimulatedStream stream) : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _unflushed = new();
    private TaskCompletionSource<FlushResult>? _waiting;
    private bool _isClosed;
    private bool _isCompleted;

    public override void Advance(int bytes) => _unflushed.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ThrowIfCompleted();
        return _unflushed.GetMemory(sizeHint);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        ThrowIfCompleted();
        return _unflushed.GetSpan(sizeHint);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_unflushed.WrittenCount > 0 && !_isClosed)
        {
            stream.Send(_unflushed.WrittenSpan.ToArray());
        }

        _unflushed.ResetWrittenCount();
        if (_isClosed || !stream.IsFull)
        {
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: _isClosed));
        }

        _waiting = new TaskCompletionSource<FlushResult>();
        stream.WhenRoom(() => EndWait(isCanceled: false));
        return new ValueTask<FlushResult>(_waiting.Task.WaitAsync(cancellationToken));
    }

    public override void CancelPendingFlush() => EndWait(isCanceled: true);

    public override void Complete(Exception? exception = null)
    {
        if (!_isCompleted)
        {
            _isCompleted = true;
            _ = FlushAsync().AsTask();
            if (!_isClosed)
            {
                stream.SendEnd();
            }
        }
    }

    /// <summary>The connection is over: flushes say so.</summary>
    public void Close()
    {
        _isClosed = true;
        EndWait(isCanceled: false);
    }

    private void EndWait(bool isCanceled)
    {
        var waiting = _waiting;
        _waiting = null;
        waiting?.TrySetResult(new FlushResult(isCanceled, _isClosed));
    }

    private void ThrowIfCompleted()
    {
        if (_isCompleted)
        {
            throw new InvalidOperationException("Writing is not allowed after the writer was completed.");
        }
    }
}
