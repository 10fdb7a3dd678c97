namespace GpuActors.Shared.Commands;

/// <summary>A command whose caller waits for the reply.</summary>
internal abstract class PendingReply
{
    /// <summary>The opcode that ends the wait.</summary>
    public abstract Opcode Expected { get; }

    /// <summary>The reply is there. Throws when it cannot be read.</summary>
    public abstract void Complete(in Frame frame);

    /// <summary>The reply will not come.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>
    /// Where <paramref name="length"/> bytes of data at <paramref name="offset"/> go; empty when they go nowhere. Each
    /// call is followed by <see cref="EndData"/>.
    /// </summary>
    public virtual Memory<byte> BeginData(ulong offset, int length) =>
        throw new ProtocolException($"data for a command that waits for {Expected} without data");

    public virtual void EndData()
    {
    }
}

/// <summary>Waits for a reply of one type.</summary>
internal class PendingReply<TReply> : PendingReply
    where TReply : struct, IFrameBody<TReply>
{
    private readonly TaskCompletionSource<TReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override Opcode Expected => TReply.Code;

    public Task<TReply> Task => _reply.Task;

    public override void Complete(in Frame frame) => _reply.TrySetResult(CommandReader.Read<TReply>(frame));

    public override void Fail(Exception exception) => _reply.TrySetException(exception);

    public virtual void Cancel(CancellationToken cancellationToken) => _reply.TrySetCanceled(cancellationToken);
}

/// <summary>
/// Waits for the data of a read. The destination belongs to the receive loop between Begin and End, so a cancelled
/// or failed caller gets its memory back only then.
/// </summary>
internal sealed class PendingRead(Memory<byte> destination) : PendingReply<Done>
{
    private readonly Lock _gate = new();
    private CancellationToken? _cancelled;
    private Exception? _failure;
    private bool _copying;
    private ulong _received;

    public override Memory<byte> BeginData(ulong offset, int length)
    {
        if (offset > (ulong)destination.Length || (ulong)length > (ulong)destination.Length - offset)
        {
            throw new ProtocolException(
                $"Data: bytes {offset} to {offset + (ulong)length} of a read of {destination.Length} bytes");
        }
        lock (_gate)
        {
            if (_cancelled is not null || _failure is not null)
                return default;
            _copying = true;
            _received += (ulong)length;
            return destination.Slice((int)offset, length);
        }
    }

    public override void EndData()
    {
        lock (_gate)
        {
            _copying = false;
            if (_failure is not null)
                base.Fail(_failure);
            else if (_cancelled is { } token)
                base.Cancel(token);
        }
    }

    public override void Complete(in Frame frame)
    {
        if (_cancelled is null && _received != (ulong)destination.Length)
        {
            throw new ProtocolException(
                $"Done #{frame.Sequence}: {_received} of {destination.Length} bytes of data came before it");
        }
        base.Complete(frame);
    }

    public override void Fail(Exception exception)
    {
        lock (_gate)
        {
            _failure = exception;
            if (!_copying)
                base.Fail(exception);
        }
    }

    public override void Cancel(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _cancelled = cancellationToken;
            if (!_copying)
                base.Cancel(cancellationToken);
        }
    }
}
