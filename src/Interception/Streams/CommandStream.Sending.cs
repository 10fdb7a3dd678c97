using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Streams;

internal sealed unsafe partial class CommandStream
{
    /// <summary>A buffer this full is written by the thread that filled it.</summary>
    private const int FlushBytes = 16 << 10;

    /// <summary>Data up to this size are copied behind their command; longer ones go to the socket from where they lie.</summary>
    private const int CopiedBytes = 16 << 10;

    /// <summary>Pieces of data that one system call takes.</summary>
    private const int PiecesAtOnce = 4;

    private const int DataHeaderBytes = FrameHeader.SizeBytes + Data.PrefixBytes;

    private readonly Lock _writing = new(); // who holds it writes to the socket; taken before _gate
    private readonly byte* _dataHeaders = (byte*)NativeMemory.Alloc(DataHeaderBytes * PiecesAtOnce);
    private SendBuffer _filling = new(FlushBytes * 2);
    private SendBuffer _leaving = new(FlushBytes * 2);
    private ulong _lastSequence;
    private ulong _sentBytes;
    private Ack _acked;
    private ulong _maxCommands;
    private ulong _maxBytes;

    private bool HasRoom =>
        _lastSequence - _acked.Processed < _maxCommands && _sentBytes - _acked.ProcessedBytes < _maxBytes;

    /// <summary>
    /// Sends a command, soon: nothing waits for it, unless the window is full. Its failure without a
    /// <paramref name="reply"/> is kept for <see cref="FailureOf"/>.
    /// </summary>
    /// <returns>Its sequence number.</returns>
    /// <exception cref="ClFailure">The connection is lost.</exception>
    public ulong Send<T>(in T command, Reply? reply = null)
        where T : struct, ICommand => SendCopied(command, default(PlainData), reply);

    /// <summary>Sends a command and its data; the data may be changed once the call has returned.</summary>
    /// <returns>Its sequence number.</returns>
    /// <exception cref="ClFailure">The connection is lost.</exception>
    public ulong Send<TCommand, TData>(in TCommand command, TData data, Reply? reply = null)
        where TCommand : struct, ICarriesData
        where TData : struct, IDataPieces
    {
        return data.Bytes <= CopiedBytes ? SendCopied(command, data, reply) : SendLong(command, data, reply);
    }

    /// <summary>Sends a command, waits for its reply.</summary>
    /// <exception cref="ClFailure">It failed, or the connection is lost.</exception>
    public TReply Ask<TCommand, TReply>(in TCommand command)
        where TCommand : struct, ICommand<TReply>
        where TReply : struct, IFrameBody<TReply>
    {
        var reply = new Reply<TReply>();
        Send(command, reply);
        FlushAndWait(reply);
        return reply.Value;
    }

    /// <summary>Waits for the reply to a command that was sent.</summary>
    /// <exception cref="ClFailure">It failed, or the connection is lost.</exception>
    public void FlushAndWait(Reply reply)
    {
        Flush();
        Wait(reply);
        reply.ThrowIfFailed();
    }

    /// <summary>Releases an id. Never fails: on a lost connection everything is released already.</summary>
    public void Release(ulong id)
    {
        if (IsLost)
            return;
        try
        {
            Send(new Release(id));
        }
        catch (ClFailure)
        {
            // lost meanwhile
        }
    }

    /// <summary>Writes what has gathered to the socket.</summary>
    public void Flush()
    {
        if (Volatile.Read(ref _filling).Length == 0 && !_writing.IsHeldByCurrentThread)
        {
            // Somebody else may be writing what this thread sent; its order is kept, so there is nothing to wait for.
            return;
        }
        lock (_writing)
            FlushInTurn();
    }

    /// <summary>As <see cref="Flush"/>, unless that would wait.</summary>
    private void FlushIfIdle()
    {
        if (!_transport.HasRoom || !_writing.TryEnter())
            return;
        try
        {
            FlushInTurn();
        }
        finally
        {
            _writing.Exit();
        }
    }

    private ulong Append<T>(in T command, Reply? reply)
        where T : struct, ICommand
    {
        ulong sequence = _lastSequence + 1;
        int bytes = CommandWriter.Write(_filling, sequence, command);
        _lastSequence = sequence;
        _sentBytes += (ulong)bytes;
        if (reply is not null)
        {
            _pending.Add(sequence, reply);
            if (reply.IsUnattended)
                _background.Expect();
        }
        return sequence;
    }

    /// <summary>Puts a command into the buffer, and its data, if it has any, behind it.</summary>
    private ulong SendCopied<TCommand, TData>(in TCommand command, TData data, Reply? reply)
        where TCommand : struct, ICommand
        where TData : struct, IDataPieces
    {
        while (true)
        {
            ulong sequence = 0;
            var isFull = false;
            lock (_gate)
            {
                ThrowIfLost();
                if (HasRoom)
                {
                    sequence = Append(command, reply);
                    if (data.Bytes > 0)
                        AppendData(sequence, data);
                    isFull = _filling.Length >= FlushBytes;
                }
            }
            if (sequence == 0)
            {
                WaitForRoom();
                continue;
            }
            if (isFull)
                Flush();
            else
                _background.Note();
            return sequence;
        }
    }

    private void AppendData<TData>(ulong sequence, TData data)
        where TData : struct, IDataPieces
    {
        var length = (int)data.Bytes;
        AppendDataHeader(_filling.GetSpan(DataHeaderBytes), sequence, 0, length);
        _filling.Advance(DataHeaderBytes);
        new ReadOnlySpan<byte>(data.Piece(0, length), length).CopyTo(_filling.GetSpan(length));
        _filling.Advance(length);
    }

    private ulong SendLong<TCommand, TData>(in TCommand command, TData data, Reply? reply)
        where TCommand : struct, ICarriesData
        where TData : struct, IDataPieces
    {
        lock (_writing)
        {
            ulong sequence = 0;
            while (sequence == 0)
            {
                lock (_gate)
                {
                    ThrowIfLost();
                    if (HasRoom)
                    {
                        sequence = Append(command, reply);
                        (_filling, _leaving) = (_leaving, _filling); // what others send now comes after the data
                    }
                }
                if (sequence == 0)
                    WaitForRoomInTurn();
            }
            try
            {
                WriteData(sequence, data);
            }
            catch (IOException exception)
            {
                Lose(exception.Message);
                ThrowIfLost();
            }
            _background.Note();
            return sequence;
        }
    }

    /// <summary>Writes what was swapped out, and the data behind it.</summary>
    private void WriteData<TData>(ulong sequence, TData data)
        where TData : struct, IDataPieces
    {
        Span<Libc.Piece> pieces = stackalloc Libc.Piece[1 + (2 * PiecesAtOnce)];
        int most = data.AreStable ? PiecesAtOnce : 1;
        for (ulong offset = 0; offset < data.Bytes;)
        {
            int count = 0;
            pieces[count++] = _leaving.Content;
            for (var i = 0; i < most && offset < data.Bytes && (i == 0 || CanSend); i++)
            {
                if (i == 0)
                    AwaitRoomForData();
                var length = (int)Math.Min(data.Bytes - offset, ProtocolLimits.DataChunkBytes);
                byte* header = _dataHeaders + (i * DataHeaderBytes);
                lock (_gate)
                    AppendDataHeader(new Span<byte>(header, DataHeaderBytes), sequence, offset, length);
                pieces[count++] = new Libc.Piece { Start = header, Length = DataHeaderBytes };
                pieces[count++] = new Libc.Piece { Start = data.Piece(offset, length), Length = (nuint)length };
                offset += (ulong)length;
            }
            _transport.Send(pieces[..count]);
            _leaving.Clear();
        }
    }

    private bool CanSend
    {
        get
        {
            lock (_gate)
                return HasRoom;
        }
    }

    private void AwaitRoomForData()
    {
        if (CanSend)
            return;
        if (_leaving.Length > 0)
        {
            // The executor frees the window by what it sees: it has to see what is ours to send first.
            Span<Libc.Piece> piece = [_leaving.Content];
            _transport.Send(piece);
            _leaving.Clear();
        }
        Wait(new Room(this));
        ThrowIfLost();
    }

    private void AppendDataHeader(Span<byte> span, ulong sequence, ulong offset, int length)
    {
        new FrameHeader(Data.PrefixBytes + length, Opcode.Data, 0, sequence).Write(span);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(span[FrameHeader.SizeBytes..], offset);
        _sentBytes += (ulong)(DataHeaderBytes + length);
    }

    private void FlushInTurn()
    {
        lock (_gate)
        {
            if (_filling.Length == 0)
                return;
            (_filling, _leaving) = (_leaving, _filling);
        }
        try
        {
            Span<Libc.Piece> piece = [_leaving.Content];
            _transport.Send(piece);
        }
        catch (IOException exception)
        {
            Lose(exception.Message);
        }
        finally
        {
            _leaving.Clear();
        }
    }

    private void WaitForRoom()
    {
        Flush();
        Wait(new Room(this));
    }

    private void WaitForRoomInTurn()
    {
        FlushInTurn();
        Wait(new Room(this));
    }

    /// <summary>Room in the window for one more frame.</summary>
    private sealed class Room(CommandStream stream) : IAwaited
    {
        public bool IsOver
        {
            get
            {
                lock (stream._gate)
                    return stream.HasRoom || stream._lost is not null;
            }
        }
    }
}
