using System.Buffers;

namespace GpuActors.Shared.Commands;

public sealed partial class CommandConnection
{
    /// <summary>A buffer this full is written by the caller itself.</summary>
    private const int InlineFlushBytes = 16 << 10;

    /// <summary>Data pieces below this are copied beside their header; longer ones are written from where they lie.</summary>
    private const int CopiedDataBytes = 16 << 10;

    /// <summary>
    /// How long a command that nobody waits for may lie in the buffer. Waking another thread to write it at once
    /// would cost more than the write, and get in the way of the caller's next command.
    /// </summary>
    private static readonly TimeSpan FlushDelay = TimeSpan.FromMilliseconds(1);

    private readonly SemaphoreSlim _writeTurn = new(1, 1);
    private readonly ITimer _flushTimer;
    private ArrayBufferWriter<byte> _filling = new(InlineFlushBytes * 2);
    private ArrayBufferWriter<byte> _writing = new(InlineFlushBytes * 2);
    private bool _isTimerSet;

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
        FlushSoon();
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
            await FlushAsync().ConfigureAwait(false);
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
                    FlushSoon();
                    return sequence;
                }
                room = _window.WaitForChange();
            }
            await FlushAsync().ConfigureAwait(false);
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

    /// <summary>Sees to it that what is in the buffer is written soon, by whomever.</summary>
    private void FlushSoon()
    {
        if (!Interlocked.Exchange(ref _isTimerSet, true))
            _flushTimer.Change(FlushDelay, Timeout.InfiniteTimeSpan);
    }

    private void FlushLate()
    {
        Interlocked.Exchange(ref _isTimerSet, false);
        _ = FlushQuietlyAsync();
    }

    private async Task FlushQuietlyAsync()
    {
        try
        {
            await FlushAsync().ConfigureAwait(false);
        }
        catch (CommandException)
        {
            // The connection has ended, which everybody who waits is told.
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
