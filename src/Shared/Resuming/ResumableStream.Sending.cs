namespace GpuActors.Shared.Resuming;

public sealed unsafe partial class ResumableStream
{
    /// <summary>Pieces of one call.</summary>
    private const int MaxPieces = 64;

    /// <summary>
    /// What is sent again goes in records that a socket with room takes at once: both sides do it at the same time, and
    /// neither may be reading.
    /// </summary>
    private const int AgainBytes = 4080;

    private const int QuarterWindow = RecordHeader.WindowBytes / 4;

    private readonly byte[] _header = GC.AllocateArray<byte>(RecordHeader.SizeBytes, pinned: true);
    private int _headerLeft;
    private int _owed; // bytes of the record under way that no connection has taken
    private ulong _told;
    private ulong _againFrom; // up to the end: what is to be sent again before anything else
    private ulong _againEnd;

    /// <summary>Whether something is to be sent again, which waits for room on the connection.</summary>
    public bool HasAgain => Volatile.Read(ref _againFrom) < Volatile.Read(ref _againEnd);

    /// <summary>Sends again what is to be, and waits for room that long if it has to.</summary>
    /// <returns>There may be more of it.</returns>
    public bool SendAgain(int milliseconds)
    {
        if (Volatile.Read(ref _link) is not { } link || !HasAgain)
            return false;
        if (!TryFlush(link))
            link.Wait(LinkReadiness.Output, milliseconds);
        return HasAgain && !IsOver;
    }

    /// <summary>Sends the pieces, or the first part of them. What is taken arrives, if the stream does not end.</summary>
    /// <param name="pieces">Of at least one byte. Part of a call goes on with the same bytes in the next.</param>
    /// <param name="count">At least 1.</param>
    /// <param name="mayWait">False: the call comes back at once.</param>
    /// <returns>Bytes taken; 0: it would have to wait; −1: the stream has ended.</returns>
    public nint Send(MemoryPiece* pieces, int count, bool mayWait)
    {
        while (!IsOver)
        {
            StreamLink? link;
            var taken = 0;
            var isLost = false;
            lock (_sending)
            {
                link = Volatile.Read(ref _link);
                int length = link is not null && HasAgain && !TrySendAgain(link) ? 0 : LengthOf(pieces, Math.Min(count, MaxPieces), link);
                if (length > 0)
                    taken = SendRecord(link, pieces, length, mayWait, out isLost);
            }
            if (isLost && _source is not null)
                AwaitLink(link); // what was taken is sent again
            if (taken > 0)
                return taken;
            if (!mayWait)
                return IsOver ? StreamLink.Gone : 0;
            if (link is null)
                AwaitLink(null);
            else if (HasAgain)
                AwaitRoomToSendAgain(link);
            else if (_sender.Room == 0)
                ReadAheadOrWait(link);
        }
        return StreamLink.Gone;
    }

    /// <summary>
    /// Tells the other side, if that is possible at once, that there will be no other connection: when this one ends, so does
    /// the stream.
    /// </summary>
    public void SayLast()
    {
        if (!Monitor.TryEnter(_sending, PatienceMilliseconds))
            return;
        try
        {
            if (Volatile.Read(ref _link) is { } link && IsAtBoundary && link.Wait(LinkReadiness.Output, 0) != 0)
                SendControl(link, RecordKind.Last);
        }
        finally
        {
            Monitor.Exit(_sending);
        }
    }

    private bool IsAtBoundary => _owed == 0 && _headerLeft == 0;

    private int LengthOf(MemoryPiece* pieces, int count, StreamLink? link)
    {
        nuint total = 0;
        for (var i = 0; i < count; i++)
            total += pieces[i].Length;
        var most = (nuint)(link is not null && _owed > 0 ? _owed : Math.Min(_sender.Room, RecordHeader.MaxDataBytes));
        return (int)Math.Min(total, most);
    }

    /// <summary>Keeps the bytes and sends them, as one record or as the rest of the one under way.</summary>
    private int SendRecord(StreamLink? link, MemoryPiece* pieces, int length, bool mayWait, out bool isLost)
    {
        isLost = link is null && _source is not null;
        Keep(pieces, length);
        if (link is null)
            return length; // it goes with the next connection
        if (IsAtBoundary)
            BeginRecord(RecordKind.Data, length);
        nint sent = Push(link, pieces, length, mayWait);
        if (sent == StreamLink.Gone)
        {
            isLost = true;
            Lose(link);
            return length;
        }
        if (sent < length)
            _sender.Withdraw(length - (int)sent);
        if (_headerLeft == RecordHeader.SizeBytes)
            (_owed, _headerLeft) = (0, 0); // nothing of it has left
        return (int)sent;
    }

    private void BeginRecord(RecordKind kind, int length)
    {
        ulong consumed = _receiver.Consumed;
        new RecordHeader(kind, length, consumed).Write(_header);
        Volatile.Write(ref _told, consumed);
        _headerLeft = RecordHeader.SizeBytes;
        _owed = length;
    }

    private void Keep(MemoryPiece* pieces, int length)
    {
        for (; length > 0; pieces++)
        {
            var step = (int)Math.Min((nuint)length, pieces->Length);
            _sender.Append(new ReadOnlySpan<byte>(pieces->Start, step));
            length -= step;
        }
    }

    /// <summary>What is left of the header and the bytes, as far as the connection takes them. Returns how many bytes.</summary>
    private nint Push(StreamLink link, MemoryPiece* pieces, int length, bool mayWait)
    {
        MemoryPiece* all = stackalloc MemoryPiece[MaxPieces + 1];
        nint pushed = 0;
        fixed (byte* header = _header)
        {
            while (pushed < length)
            {
                int count = Gather(all, header, pieces, pushed, length);
                nint sent = link.Send(all, count, mayWait);
                if (sent == StreamLink.Gone)
                    return StreamLink.Gone;
                if (sent == 0)
                    break;
                var ofHeader = (int)Math.Min(sent, _headerLeft);
                _headerLeft -= ofHeader;
                _owed -= (int)sent - ofHeader;
                pushed += sent - ofHeader;
            }
        }
        return pushed;
    }

    private int Gather(MemoryPiece* all, byte* header, MemoryPiece* pieces, nint skip, nint length)
    {
        var count = 0;
        if (_headerLeft > 0)
        {
            all[count++] = new MemoryPiece
            {
                Start = header + RecordHeader.SizeBytes - _headerLeft, Length = (nuint)_headerLeft,
            };
        }
        nint left = length - skip;
        for (; left > 0; pieces++)
        {
            var piece = (nint)pieces->Length;
            if (skip >= piece)
            {
                skip -= piece;
                continue;
            }
            nint step = Math.Min(left, piece - skip);
            all[count++] = new MemoryPiece { Start = pieces->Start + skip, Length = (nuint)step };
            left -= step;
            skip = 0;
        }
        return count;
    }

    /// <summary>A record without bytes; the connection has room for it.</summary>
    private void SendControl(StreamLink link, RecordKind kind)
    {
        BeginRecord(kind, 0);
        fixed (byte* header = _header)
        {
            while (_headerLeft > 0)
            {
                var piece = new MemoryPiece
                {
                    Start = header + RecordHeader.SizeBytes - _headerLeft, Length = (nuint)_headerLeft,
                };
                nint sent = link.Send(&piece, 1, mayWait: true);
                if (sent <= 0)
                {
                    Lose(link);
                    return;
                }
                _headerLeft -= (int)sent;
            }
        }
    }

    /// <summary>The other side may not read before this one does.</summary>
    private void AwaitRoomToSendAgain(StreamLink link)
    {
        if (link.Wait(LinkReadiness.Output, PatienceMilliseconds) == 0)
            ReadAheadIfReady(link);
    }

    /// <summary>Sends again what is to be, and acknowledges if that is due, as far as it is possible at once. For who receives.</summary>
    /// <returns>False: something is left.</returns>
    private bool TryFlush(StreamLink link)
    {
        bool isDue = _receiver.Consumed - Volatile.Read(ref _told) >= QuarterWindow;
        if (!isDue && !HasAgain)
            return true;
        if (!Monitor.TryEnter(_sending))
            return false;
        try
        {
            if (Volatile.Read(ref _link) != link)
                return true;
            if (!TrySendAgain(link) || (isDue && (!IsAtBoundary || link.Wait(LinkReadiness.Output, 0) == 0)))
                return false;
            if (isDue)
                SendControl(link, RecordKind.Acknowledgement);
            return true;
        }
        finally
        {
            Monitor.Exit(_sending);
        }
    }

    /// <summary>
    /// Sends again what the other side has not received, as far as the connection takes it at once. The sender's lock is
    /// held.
    /// </summary>
    /// <returns>Nothing of it is left.</returns>
    private bool TrySendAgain(StreamLink link)
    {
        while (HasAgain)
        {
            if (!IsAtBoundary || link.Wait(LinkReadiness.Output, 0) == 0)
                return false;
            ReadOnlySpan<byte> again = _sender.From(_againFrom, (int)Math.Min(AgainBytes, _againEnd - _againFrom));
            BeginRecord(RecordKind.Data, again.Length);
            fixed (byte* start = again)
            {
                var piece = new MemoryPiece { Start = start, Length = (nuint)again.Length };
                if (Push(link, &piece, again.Length, mayWait: true) < again.Length)
                {
                    Lose(link);
                    return false;
                }
            }
            Volatile.Write(ref _againFrom, _againFrom + (ulong)again.Length);
        }
        return true;
    }
}
