using System.Buffers;
using System.Buffers.Binary;

namespace GpuActors.Shared.Commands;

public sealed partial class CommandConnection
{
    private const int ReceiveBufferBytes = 64 << 10;

    private byte[] _received = ArrayPool<byte>.Shared.Rent(ReceiveBufferBytes);
    private int _first;
    private int _count;

    private async Task ReceiveAsync()
    {
        ConnectionEnd end;
        try
        {
            end = await ReceiveUntilEndAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            end = new ConnectionEnd(null, exception);
        }
        ArrayPool<byte>.Shared.Return(_received);
        _received = [];
        Close(end);
    }

    private async Task<ConnectionEnd> ReceiveUntilEndAsync()
    {
        while (true)
        {
            if (!await HaveAsync(FrameHeader.SizeBytes).ConfigureAwait(false))
                return new ConnectionEnd(null, null);
            FrameHeader.TryRead(_received.AsSpan(_first, _count), out FrameHeader header);
            if (header.Opcode == Opcode.Data)
            {
                await ReceiveDataAsync(header).ConfigureAwait(false);
                continue;
            }
            int total = FrameHeader.SizeBytes + header.PayloadBytes;
            await HaveAllAsync(total).ConfigureAwait(false);
            var frame = new Frame(header, _received.AsMemory(_first + FrameHeader.SizeBytes, header.PayloadBytes));
            if (frame.Opcode == Opcode.Goodbye)
                return new ConnectionEnd(CommandReader.Read<Goodbye>(frame), null);
            Dispatch(frame);
            Consume(total);
        }
    }

    private void Dispatch(in Frame frame)
    {
        switch (frame.Opcode)
        {
            case Opcode.Ack:
                OnAck(CommandReader.Read<Ack>(frame));
                break;
            case Opcode.Printf:
                _observer.OnPrinted(frame.Payload.Span);
                break;
            case Opcode.ExecutorReady:
                _ready.TrySetResult(CommandReader.Read<ExecutorReady>(frame));
                break;
            case Opcode.Error:
                OnError(frame.Sequence, CommandReader.Read<Error>(frame));
                break;
            case Opcode.EventStatus when !IsAwaited(frame):
                _observer.OnEvent(frame.Sequence, CommandReader.Read<EventStatus>(frame));
                break;
            default:
                OnReply(frame);
                break;
        }
    }

    private void OnAck(Ack ack)
    {
        lock (_gate)
            _window.Acknowledge(ack);
        _observer.OnAck(ack);
    }

    private void OnError(ulong sequence, Error error)
    {
        if (TakePending(sequence) is { } pending)
            pending.Fail(new CommandException(sequence, error));
        else
            _observer.OnFailed(sequence, error);
    }

    private void OnReply(in Frame frame)
    {
        if (frame.Opcode == Opcode.Welcome)
            OnWelcome(CommandReader.Read<Welcome>(frame));
        if (TakePending(frame.Sequence) is not { } pending)
            return; // sent without interest in the reply
        try
        {
            if (frame.Opcode != pending.Expected)
            {
                throw new ProtocolException(
                    $"{frame.Opcode} #{frame.Sequence}: the command waits for {pending.Expected}");
            }
            pending.Complete(frame);
        }
        catch (ProtocolException exception)
        {
            pending.Fail(exception);
            throw;
        }
    }

    private void OnWelcome(Welcome welcome)
    {
        lock (_gate)
            _window.Open(welcome.WindowCommands, welcome.WindowBytes);
        _welcome = welcome;
    }

    private bool IsAwaited(in Frame frame)
    {
        lock (_gate)
            return _pending.TryGetValue(frame.Sequence, out PendingReply? pending) && pending.Expected == frame.Opcode;
    }

    private PendingReply? TakePending(ulong sequence)
    {
        lock (_gate)
            return _pending.Remove(sequence, out PendingReply? pending) ? pending : null;
    }

    private async ValueTask ReceiveDataAsync(FrameHeader header)
    {
        const int HeadBytes = FrameHeader.SizeBytes + Data.PrefixBytes;
        if (header.PayloadBytes < Data.PrefixBytes)
            throw new ProtocolException($"Data #{header.Sequence}: {header.PayloadBytes} bytes hold no offset");
        await HaveAllAsync(HeadBytes).ConfigureAwait(false);
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(_received.AsSpan(_first + FrameHeader.SizeBytes));
        Consume(HeadBytes);
        int length = header.PayloadBytes - Data.PrefixBytes;
        PendingReply? pending;
        lock (_gate)
            _pending.TryGetValue(header.Sequence, out pending);
        Memory<byte> destination = pending?.BeginData(offset, length) ?? default;
        try
        {
            if (destination.IsEmpty)
                await SkipAsync(length).ConfigureAwait(false);
            else
                await FillAsync(destination).ConfigureAwait(false);
        }
        finally
        {
            pending?.EndData();
        }
    }

    private async ValueTask FillAsync(Memory<byte> destination)
    {
        int buffered = Math.Min(_count, destination.Length);
        _received.AsSpan(_first, buffered).CopyTo(destination.Span);
        Consume(buffered);
        await _stream.ReadExactlyAsync(destination[buffered..], _stop.Token).ConfigureAwait(false);
    }

    private async ValueTask SkipAsync(int length)
    {
        while (length > 0)
        {
            await HaveAllAsync(1).ConfigureAwait(false);
            int skipped = Math.Min(_count, length);
            Consume(skipped);
            length -= skipped;
        }
    }

    private async ValueTask HaveAllAsync(int bytes)
    {
        if (!await HaveAsync(bytes).ConfigureAwait(false))
            throw new EndOfStreamException("the connection ended within a frame");
    }

    /// <summary>Receives until so many bytes are buffered. False at the end of the stream before the first byte.</summary>
    private async ValueTask<bool> HaveAsync(int bytes)
    {
        while (_count < bytes)
        {
            MakeRoom(bytes);
            Memory<byte> free = _received.AsMemory(_first + _count);
            int read = await _stream.ReadAsync(free, _stop.Token).ConfigureAwait(false);
            if (read == 0)
                return _count == 0 ? false : throw new EndOfStreamException("the connection ended within a frame");
            _count += read;
        }
        return true;
    }

    private void MakeRoom(int bytes)
    {
        if (_first + bytes <= _received.Length && _first + _count < _received.Length)
            return;
        byte[] target = bytes <= _received.Length ? _received : ArrayPool<byte>.Shared.Rent(bytes);
        _received.AsSpan(_first, _count).CopyTo(target);
        if (!ReferenceEquals(target, _received))
            ArrayPool<byte>.Shared.Return(_received);
        _received = target;
        _first = 0;
    }

    private void Consume(int bytes)
    {
        _first += bytes;
        _count -= bytes;
        if (_count == 0)
            _first = 0;
    }
}
