namespace GpuActors.Shared.Commands;

/// <summary>
/// The client's end of a command stream, over any duplex stream: numbers and pipelines commands, keeps to the
/// executor's window, matches replies, tracks acknowledgements. Worker, client library and OpenCL interception share it.
/// </summary>
/// <remarks>
/// Sending: callers append frames to a buffer under a short lock; whoever holds the write turn swaps the buffer out
/// and writes it, so frames of many callers share one system call and nobody encodes while another one writes. A
/// command with data takes the write turn first, so its data follows it directly. Who waits for a reply writes at
/// once; commands that nobody waits for leave with the next of those, when the buffer fills, or after a millisecond.
/// Receiving: one loop; data of reads goes from the stream straight into the caller's memory.
/// </remarks>
public sealed partial class CommandConnection : ICommandSink, IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, PendingReply> _pending = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly SendWindow _window = new();
    private readonly TaskCompletionSource<ExecutorReady> _ready =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ConnectionEnd> _closed =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _receiving;
    private ICommandObserver _observer;
    private ConnectionEnd? _end;
    private Welcome? _welcome;

    /// <summary>Starts to receive on <paramref name="stream"/>, which the connection owns from here on.</summary>
    /// <param name="stream">Duplex, ordered, reliable.</param>
    /// <param name="observer">Hears what comes unasked.</param>
    /// <param name="time">Runs the timer that sends what nobody waits for.</param>
    public CommandConnection(Stream stream, ICommandObserver observer, TimeProvider time)
    {
        _stream = stream;
        _observer = observer;
        _flushTimer = time.CreateTimer(
            static state => ((CommandConnection)state!).FlushLate(), this, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        _receiving = ReceiveAsync();
    }

    /// <summary>What an executor process said first. Only a worker's connection ever completes it.</summary>
    public Task<ExecutorReady> Ready => _ready.Task;

    /// <summary>Completes, never fails, when the connection has ended.</summary>
    public Task<ConnectionEnd> Closed => _closed.Task;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No session is open.</exception>
    public Welcome Welcome => _welcome ?? throw new InvalidOperationException("no session is open on this connection");

    /// <summary>The newest acknowledgement.</summary>
    public Ack Acked
    {
        get
        {
            lock (_gate)
                return _window.Acked;
        }
    }

    /// <summary>Number of the last command that was sent.</summary>
    public ulong LastSequence
    {
        get
        {
            lock (_gate)
                return _window.LastSequence;
        }
    }

    /// <summary>
    /// Opens a session with <see cref="Hello"/> or <see cref="OpenSession"/>; its events go to
    /// <paramref name="observer"/> from here on.
    /// </summary>
    /// <exception cref="CommandException">Refused.</exception>
    public async Task<Welcome> OpenAsync(
        ICommand<Welcome> command, ICommandObserver observer, CancellationToken cancellationToken = default)
    {
        _observer = observer;
        return await RequestAsync(command, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the connection at once; what was not acknowledged may or may not have happened.</summary>
    public async ValueTask DisposeAsync()
    {
        Close(new ConnectionEnd(null, null));
        await _receiving.ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Close(ConnectionEnd end)
    {
        PendingReply[] waiting;
        ulong[] numbers;
        lock (_gate)
        {
            if (_end is not null)
                return;
            _end = end;
            numbers = [.. _pending.Keys];
            waiting = [.. _pending.Values];
            _pending.Clear();
            _window.Wake();
        }
        _flushTimer.Dispose();
        _stop.Cancel(); // not every stream ends a pending read when it is disposed
        _stream.Dispose();
        for (var i = 0; i < waiting.Length; i++)
            waiting[i].Fail(new CommandException(numbers[i], end.ToError()));
        _ready.TrySetException(new CommandException(0, end.ToError()));
        _observer.OnClosed(end);
        _closed.TrySetResult(end);
    }

    private void ThrowIfClosed()
    {
        if (_end is { } end)
            throw new CommandException(_window.LastSequence + 1, end.ToError());
    }
}
