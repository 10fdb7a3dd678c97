namespace GpuActors.Shared.Commands;

/// <summary>
/// How much may still be sent: commands and bytes beyond what the executor has taken off the wire. Not thread-safe;
/// the connection's lock guards it.
/// </summary>
internal sealed class SendWindow
{
    private const uint CommandsBeforeWelcome = 16;
    private const ulong BytesBeforeWelcome = 1 << 20;

    private ulong _maxCommands = CommandsBeforeWelcome;
    private ulong _maxBytes = BytesBeforeWelcome;
    private ulong _sentBytes;
    private Ack _acked;
    private TaskCompletionSource? _waiting;

    /// <summary>Number of the last command.</summary>
    public ulong LastSequence { get; private set; }

    /// <summary>The newest acknowledgement.</summary>
    public Ack Acked => _acked;

    /// <summary>Whether one more frame may go.</summary>
    public bool HasRoom =>
        LastSequence - _acked.Processed < _maxCommands && _sentBytes - _acked.ProcessedBytes < _maxBytes;

    public ulong NextSequence() => ++LastSequence;

    public void Sent(int bytes) => _sentBytes += (ulong)bytes;

    public void Open(uint maxCommands, ulong maxBytes)
    {
        if (maxCommands == 0 || maxBytes == 0)
            throw new ProtocolException($"Welcome: window of {maxCommands} commands, {maxBytes} bytes; at least 1 each");
        _maxCommands = maxCommands;
        _maxBytes = maxBytes;
        Wake();
    }

    public void Acknowledge(Ack ack)
    {
        bool grows = ack.Processed >= _acked.Processed && ack.ProcessedBytes >= _acked.ProcessedBytes
            && ack.Completed >= _acked.Completed;
        bool wasSent = ack.Processed <= LastSequence && ack.ProcessedBytes <= _sentBytes
            && ack.Completed <= ack.Processed;
        if (!grows || !wasSent)
        {
            throw new ProtocolException(
                $"{ack} after {_acked}, with {LastSequence} commands and {_sentBytes} bytes sent: " +
                "an acknowledgement grows and stays within what was sent");
        }
        _acked = ack;
        Wake();
    }

    /// <summary>A task that ends at the next change.</summary>
    public Task WaitForChange()
    {
        _waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _waiting.Task;
    }

    public void Wake()
    {
        TaskCompletionSource? waiting = _waiting;
        _waiting = null;
        waiting?.TrySetResult();
    }
}
