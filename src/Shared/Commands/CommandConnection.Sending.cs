using System.Buffers;

namespace GpuActors.Shared.Commands;

public sealed partial class CommandConnection
{
    /// <summary>A buffer this full is written by the caller itself.</summary>
    private const int InlineFlushBytes = 32 << 10;

    /// <summary>Data pieces below this are copied beside their header; longer ones are written from where they lie.</summary>
    private const int CopiedDataBytes = 16 << 10;

    private readonly SemaphoreSlim _writeTurn = new(1, 1);
    private readonly SemaphoreSlim _flushSignal = new(0);
    private ArrayBufferWriter<byte> _filling = new(InlineFlushBytes * 2);
    private ArrayBufferWriter<byte> _writing = new(InlineFlushBytes * 2);
    private bool _flushAsked;

    /// <inheritdoc/>
    public ValueTask<ulong> SendAsync<T>(T command, CancellationToken cancellationToken = default)
        where T : struct, ICommand
    {
        if (command is ICarriesData { DataBytes: > 0 } carrier)
            throw new ArgumentException($"{carrier.Opcode} announces {carrier.DataBytes} bytes of data: pass them");
        int buffered;
        ulong sequence;
        lock (_gate)
        {
            ThrowIfClosed();
            if (!_window.HasRoom)
                return SendWhenRoomAsync(command, cancellationToken);
            sequence = Append(command, null);
            buffered = _filling.WrittenCount;
        }
        if (buffered >= InlineFlushBytes)
            return FlushThenAsync(sequence);
        AskForFlush();
        return ValueTask.FromResult(sequence);
    }

    /// <inheritdoc/>
    public async ValueTask<ulong> SendAsync<T>(
        T command, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
        where T : struct, ICarriesData
    {
        if (command.DataBytes != (ulong)data.Length)
        {
            throw new ArgumentException(
                $"{command.Opcode} announces {command.DataBytes} bytes of data, {data.Length} are given", nameof(data));
        }
        await _writeTurn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ulong sequence = await AppendInTurnAsync(command, cancellationToken).ConfigureAwait(false);
            // From here on there is no way back: half a command would end the stream.
            await WriteDataInTurnAsync(sequence, data).ConfigureAwait(false);
            return sequence;
        }
        finally
        {
            _writeTurn.Release();
        }
    }

    /// <inheritdoc/>
    public Task<TReply> RequestAsync<TReply>(
        ICommand<TReply> command, CancellationToken cancellationToken = default)
        where TReply : struct, IFrameBody<TReply> =>
        RequestAsync(command, new PendingReply<TReply>(), cancellationToken);

    /// <inheritdoc/>
    public Task<Done> ReadAsync(
        ICommand<Done> command, Memory<byte> destination, CancellationToken cancellationToken = default) =>
        RequestAsync(command, new PendingRead(destination), cancellationToken);

    /// <summary>Writes all that was sent so far to the stream.</summary>
    public async ValueTask FlushAsync()
    {
        await _writeTurn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await FlushInTurnAsync().ConfigureAwait(false);
        }
        finally
        {
            _writeTurn.Release();
        }
    }

    private async Task<TReply> RequestAsync<TReply>(
        ICommand<TReply> command, PendingReply<TReply> reply, CancellationToken cancellationToken)
        where TReply : struct, IFrameBody<TReply>
    {
        ulong sequence = 0;
        while (sequence == 0)
        {
            Task room;
            lock (_gate)
            {
                ThrowIfClosed();
                if (_window.HasRoom)
                {
                    sequence = Append(command, reply);
                    break;
                }
                room = _window.WaitForChange();
            }
            AskForFlush();
            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        await FlushAsync().ConfigureAwait(false);
        using CancellationTokenRegistration giveUp =
            cancellationToken.UnsafeRegister((_, token) => reply.Cancel(token), null);
        return await reply.Task.ConfigureAwait(false);
    }

    private async ValueTask<ulong> SendWhenRoomAsync<T>(T command, CancellationToken cancellationToken)
        where T : struct, ICommand
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                ThrowIfClosed();
                if (_window.HasRoom)
                {
                    ulong sequence = Append(command, null);
                    AskForFlush();
                    return sequence;
                }
                room = _window.WaitForChange();
            }
            AskForFlush();
            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<ulong> FlushThenAsync(ulong sequence)
    {
        await FlushAsync().ConfigureAwait(false);
        return sequence;
    }

    private ulong Append<T>(in T command, PendingReply? reply)
        where T : ICommand
    {
        ulong sequence = _window.LastSequence + 1;
        int bytes = CommandWriter.Write(_filling, sequence, command);
        _window.NextSequence();
        _window.Sent(bytes);
        if (reply is not null)
            _pending.Add(sequence, reply);
        return sequence;
    }

    private async ValueTask<ulong> AppendInTurnAsync<T>(T command, CancellationToken cancellationToken)
        where T : struct, ICommand
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                ThrowIfClosed();
                if (_window.HasRoom)
                {
                    ulong sequence = Append(command, null);
                    SwapBuffers();
                    return sequence;
                }
                room = _window.WaitForChange();
            }
            await FlushInTurnAsync().ConfigureAwait(false);
            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes what was swapped out, then the data; others fill the other buffer meanwhile.</summary>
    private async ValueTask WriteDataInTurnAsync(ulong sequence, ReadOnlyMemory<byte> data)
    {
        for (var offset = 0; offset < data.Length;)
        {
            await WaitForRoomInTurnAsync().ConfigureAwait(false);
            int length = Math.Min(data.Length - offset, ProtocolLimits.DataChunkBytes);
            ReadOnlyMemory<byte> piece = data.Slice(offset, length);
            int bytes = AppendDataHeader(sequence, (ulong)offset, length);
            lock (_gate)
                _window.Sent(bytes);
            if (length <= CopiedDataBytes)
            {
                _writing.Write(piece.Span);
            }
            else
            {
                await WriteSwappedAsync().ConfigureAwait(false);
                await WriteToStreamAsync(piece).ConfigureAwait(false);
            }
            offset += length;
        }
        await WriteSwappedAsync().ConfigureAwait(false);
    }

    private int AppendDataHeader(ulong sequence, ulong offset, int length)
    {
        const int HeaderBytes = FrameHeader.SizeBytes + Data.PrefixBytes;
        Span<byte> span = _writing.GetSpan(HeaderBytes)[..HeaderBytes];
        new FrameHeader(Data.PrefixBytes + length, Opcode.Data, 0, sequence).Write(span);
        new FrameWriter(span[FrameHeader.SizeBytes..]).U64(offset);
        _writing.Advance(HeaderBytes);
        return HeaderBytes + length;
    }

    private async ValueTask WaitForRoomInTurnAsync()
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                ThrowIfClosed();
                if (_window.HasRoom)
                    return;
                room = _window.WaitForChange();
            }
            await WriteSwappedAsync().ConfigureAwait(false);
            await room.ConfigureAwait(false);
        }
    }

    private void AskForFlush()
    {
        if (!Interlocked.Exchange(ref _flushAsked, true))
            _flushSignal.Release();
    }

    /// <summary>
    /// Writes what callers left in the buffer. Its start is a hop of the thread pool behind the caller, which is the
    /// time in which further commands join the same system call.
    /// </summary>
    private async Task FlushWhenAskedAsync()
    {
        while (_end is null)
        {
            await _flushSignal.WaitAsync().ConfigureAwait(false);
            Interlocked.Exchange(ref _flushAsked, false);
            try
            {
                await FlushAsync().ConfigureAwait(false);
            }
            catch (CommandException)
            {
                return;
            }
        }
    }

    private async ValueTask FlushInTurnAsync()
    {
        lock (_gate)
        {
            if (_filling.WrittenCount == 0)
                return;
            SwapBuffers();
        }
        await WriteSwappedAsync().ConfigureAwait(false);
    }

    private void SwapBuffers()
    {
        // The write turn is held and its last write is done, so the other buffer is empty.
        (_filling, _writing) = (_writing, _filling);
    }

    private async ValueTask WriteSwappedAsync()
    {
        if (_writing.WrittenCount == 0)
            return;
        await WriteToStreamAsync(_writing.WrittenMemory).ConfigureAwait(false);
        _writing.ResetWrittenCount();
    }

    private async ValueTask WriteToStreamAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _stream.WriteAsync(bytes, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The receive loop may still hold the peer's Goodbye, which says more than a broken pipe: let it end first.
            await _receiving.ConfigureAwait(false);
            Close(new ConnectionEnd(null, exception));
            lock (_gate)
                ThrowIfClosed();
        }
    }
}
