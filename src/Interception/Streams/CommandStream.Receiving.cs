using System.Buffers.Binary;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Streams;

internal sealed unsafe partial class CommandStream
{
    private const int ReceiveBytes = 64 << 10;
    private const int MaxKeptFailures = 1 << 16;

    private readonly object _reading = new();
    private readonly Dictionary<ulong, int> _failures = [];
    private readonly byte[] _received = GC.AllocateUninitializedArray<byte>(ProtocolLimits.MaxFrameBytes + ReceiveBytes, pinned: true);
    private int _first;
    private int _count;
    private bool _isWithinData;
    private bool _isLed;
    private int _followers;
    private int _asyncError;
    private readonly WaitClock _waits = new();

    /// <summary>
    /// Waits. The calling thread reads the socket itself, unless another one does.
    /// </summary>
    public void Wait(IAwaited awaited)
    {
        if (awaited.IsOver)
            return;
        _waits.Begin();
        try
        {
            WaitUntilOver(awaited);
        }
        finally
        {
            _waits.End();
        }
    }

    private void WaitUntilOver(IAwaited awaited)
    {
        while (!awaited.IsOver)
        {
            if (!LeadOrFollow(awaited))
                return;
            try
            {
                while (!awaited.IsOver && !IsLost)
                    ReceiveSome();
            }
            finally
            {
                Resign();
            }
        }
    }

    /// <summary>Every command up to this number has ended.</summary>
    public ulong Completed => Volatile.Read(ref _completed);

    private ulong _completed;

    /// <summary>The code with which a command without a reply failed; 0 if it did not, or has not ended.</summary>
    public int FailureOf(ulong sequence)
    {
        lock (_gate)
            return _failures.GetValueOrDefault(sequence);
    }

    /// <summary>
    /// The first failure, since the last call, of a command that nobody waited for; 0 if there was none. Commands that
    /// failed because an event of their wait list did are not counted: the program set that event, or waited for it.
    /// </summary>
    public int TakeAsyncError() => Interlocked.Exchange(ref _asyncError, 0);

    /// <summary>Something failed that commands of this stream need; <see cref="TakeAsyncError"/> tells.</summary>
    public void Blame(int code) => Interlocked.CompareExchange(ref _asyncError, code, 0);

    /// <summary>Reads what is there, if no other thread does.</summary>
    private void ReceiveInBackground()
    {
        lock (_reading)
        {
            if (_isLed)
                return;
            _isLed = true;
        }
        try
        {
            ReceiveSome(mayWait: false);
        }
        finally
        {
            Resign();
        }
    }

    /// <summary>True: the calling thread reads now, until it resigns. False: what it waits for is over.</summary>
    private bool LeadOrFollow(IAwaited awaited)
    {
        lock (_reading)
        {
            while (!awaited.IsOver)
            {
                if (!_isLed)
                {
                    _isLed = true;
                    return true;
                }
                _followers++;
                Monitor.Wait(_reading);
                _followers--;
            }
            return false;
        }
    }

    private void Resign()
    {
        lock (_reading)
        {
            _isLed = false;
            if (_followers > 0)
                Monitor.PulseAll(_reading);
        }
        _background.TakeOver();
    }

    private void WakeFollowers()
    {
        lock (_reading)
        {
            if (_followers > 0)
                Monitor.PulseAll(_reading);
        }
    }

    /// <summary>One read of the socket, and all whole frames that are there then.</summary>
    private void ReceiveSome(bool mayWait = true)
    {
        try
        {
            if (!ReceiveMore(mayWait))
            {
                Lose("the connection was closed by the other side");
                return;
            }
            while (TryDispatch())
            {
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            Lose(exception.Message);
        }
    }

    /// <summary>False: the stream has ended.</summary>
    private bool ReceiveMore(bool mayWait = true)
    {
        if (_count == 0)
            _first = 0;
        if (_first + _count > ReceiveBytes && _count < ReceiveBytes)
        {
            _received.AsSpan(_first, _count).CopyTo(_received);
            _first = 0;
        }
        int end = _first + _count;
        fixed (byte* start = _received)
        {
            // Behind a long piece of data comes the next, or the end: its bytes are left to go where they belong at once.
            int most = _isWithinData && _count < DataHeaderBytes ? DataHeaderBytes - _count : ReceiveBytes;
            int received = _transport.Receive(start + end, Math.Min(most, _received.Length - end), mayWait);
            _count += Math.Max(0, received);
            return received != 0;
        }
    }

    private bool TryDispatch()
    {
        if (!FrameHeader.TryRead(_received.AsSpan(_first, _count), out FrameHeader header))
            return false;
        if (header.Opcode == Opcode.Data)
            return TryReceiveData(header);
        int total = FrameHeader.SizeBytes + header.PayloadBytes;
        if (_count < total)
            return false;
        var frame = new Frame(header, _received.AsMemory(_first + FrameHeader.SizeBytes, header.PayloadBytes));
        _first += total;
        _count -= total;
        _isWithinData = false;
        Dispatch(frame);
        return true;
    }

    private void Dispatch(in Frame frame)
    {
        switch (frame.Opcode)
        {
            case Opcode.Ack:
                OnAck(CommandReader.Read<Ack>(frame));
                break;
            case Opcode.Printf:
                ProgramOutput.Write(frame.Payload.Span);
                break;
            case Opcode.Error:
                OnError(frame.Sequence, CommandReader.Read<Error>(frame));
                break;
            case Opcode.Goodbye:
                Goodbye goodbye = CommandReader.Read<Goodbye>(frame);
                Lose(goodbye.Text.Length > 0 ? goodbye.Text : "the worker ended it");
                break;
            default:
                OnReply(frame);
                break;
        }
    }

    private void OnAck(Ack ack)
    {
        lock (_gate)
        {
            _acked = ack;
            Volatile.Write(ref _completed, Math.Max(_completed, ack.Completed));
        }
        if (Volatile.Read(ref _followers) > 0)
            WakeFollowers(); // one of them may wait for room
    }

    private void OnError(ulong sequence, Error error)
    {
        Diagnostics.Trace(sequence, error);
        if (TakePending(sequence) is { } reply)
        {
            EndReply(reply, () => reply.Fail(error.Code, error.Text));
            return;
        }
        int code = Handles.ClFailure.ToStandard(error.Code);
        lock (_gate)
        {
            if (_failures.Count < MaxKeptFailures)
                _failures[sequence] = code;
        }
        if (code == OpenClErrors.ExecStatusErrorForEventsInWaitList)
            return;
        Interlocked.CompareExchange(ref _asyncError, code, 0);
        Failed?.Invoke($"{OpenClErrors.Name(code)}: {error.Text}");
    }

    private void OnReply(in Frame frame)
    {
        if (TakePending(frame.Sequence) is not { } reply)
            return; // nobody is interested
        if (frame.Opcode != reply.Expected)
        {
            EndReply(reply, () => reply.Fail(OpenClErrors.Protocol, "the reply is of another kind"));
            throw new ProtocolException($"{frame.Opcode} #{frame.Sequence}: the command waits for {reply.Expected}");
        }
        Frame taken = frame;
        EndReply(reply, () => reply.Complete(taken));
    }

    private void EndReply(Reply reply, Action end)
    {
        end();
        if (reply.IsUnattended)
            _background.Got();
        if (Volatile.Read(ref _followers) > 0)
            WakeFollowers();
    }

    private Reply? TakePending(ulong sequence)
    {
        lock (_gate)
            return _pending.Remove(sequence, out Reply? reply) ? reply : null;
    }

    /// <summary>A piece of data: what is buffered of it is copied, the rest is received where it belongs.</summary>
    private bool TryReceiveData(in FrameHeader header)
    {
        if (header.PayloadBytes < Data.PrefixBytes)
            throw new ProtocolException($"Data #{header.Sequence}: {header.PayloadBytes} bytes hold no offset");
        if (_count < DataHeaderBytes)
            return false;
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(_received.AsSpan(_first + FrameHeader.SizeBytes));
        _first += DataHeaderBytes;
        _count -= DataHeaderBytes;
        int length = header.PayloadBytes - Data.PrefixBytes;
        Reply? reply;
        lock (_gate)
            _pending.TryGetValue(header.Sequence, out reply);
        byte* place = reply is null ? null : reply.BeginData(offset, length);
        _isWithinData = false;
        if (place is null)
            Skip(length);
        else
            Fill(place, length);
        _isWithinData = length >= ReceiveBytes;
        reply?.EndData(offset, length);
        return true;
    }

    private void Fill(byte* place, int length)
    {
        int buffered = Math.Min(_count, length);
        _received.AsSpan(_first, buffered).CopyTo(new Span<byte>(place, buffered));
        _first += buffered;
        _count -= buffered;
        while (buffered < length)
        {
            int received = _transport.Receive(place + buffered, length - buffered);
            if (received == 0)
                throw new EndOfStreamException("the connection ended within a frame");
            buffered += received;
        }
    }

    private void Skip(int length)
    {
        while (length > 0)
        {
            if (_count == 0 && !ReceiveMore())
                throw new EndOfStreamException("the connection ended within a frame");
            int skipped = Math.Min(_count, length);
            _first += skipped;
            _count -= skipped;
            length -= skipped;
        }
    }

    private Welcome ReceiveWelcome()
    {
        while (true)
        {
            if (FrameHeader.TryRead(_received.AsSpan(_first, _count), out FrameHeader header)
                && _count >= FrameHeader.SizeBytes + header.PayloadBytes)
            {
                var frame = new Frame(header, _received.AsMemory(_first + FrameHeader.SizeBytes, header.PayloadBytes));
                _first += FrameHeader.SizeBytes + header.PayloadBytes;
                _count -= FrameHeader.SizeBytes + header.PayloadBytes;
                return frame.Opcode == Opcode.Goodbye
                    ? throw new GatewayRefusedException(CommandReader.Read<Goodbye>(frame))
                    : CommandReader.Read<Welcome>(frame);
            }
            if (!ReceiveMore())
                throw new EndOfStreamException("the connection ended before the executor's welcome");
        }
    }
}
