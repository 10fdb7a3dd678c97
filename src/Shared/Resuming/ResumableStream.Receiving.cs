using GpuActors.Shared.Commands;

namespace GpuActors.Shared.Resuming;

public sealed unsafe partial class ResumableStream
{
    private const int RawBytes = 64 << 10;

    /// <summary>So many bytes of a record or more are received where the reader wants them.</summary>
    private const int DirectBytes = 16 << 10;

    private const int Lost = -2;

    private readonly byte[] _raw = GC.AllocateUninitializedArray<byte>(RawBytes, pinned: true);
    private int _rawFirst;
    private int _rawCount;

    /// <summary>
    /// Waits for bytes and takes at most so many. 0: the stream has ended. <see cref="Nothing"/>: something came, and the
    /// reader is to ask again when it likes.
    /// </summary>
    /// <exception cref="ProtocolException">What came is not the protocol; the stream has ended.</exception>
    public int Receive(byte* into, int bytes)
    {
        while (true)
        {
            int received;
            StreamLink? link;
            Interlocked.Increment(ref _readers);
            lock (_receiving)
            {
                link = Volatile.Read(ref _link);
                received = IsOver ? 0 : ReceiveInTurn(link, into, bytes);
            }
            Interlocked.Decrement(ref _readers);
            Signal(); // who waits may have room, or is to read on
            if (received == Lost)
            {
                if (AwaitLink(link))
                    continue;
                received = 0;
            }
            if (received == 0 && _breach is { } breach)
                throw breach;
            return received;
        }
    }

    private int ReceiveInTurn(StreamLink? link, byte* into, int bytes)
    {
        int aside = _receiver.TakeAside(new Span<byte>(into, bytes));
        if (aside > 0)
        {
            if (link is not null)
                TryFlush(link);
            return aside;
        }
        if (link is null)
            return Lost;
        try
        {
            int received = ReceiveFrom(link, into, bytes);
            if (received > 0)
                TryFlush(link);
            return received;
        }
        catch (ProtocolException breach)
        {
            Break(breach);
            return 0;
        }
    }

    private int ReceiveFrom(StreamLink link, byte* into, int bytes)
    {
        if (_receiver.Left == 0 && !TryBegin())
        {
            // Whoever waits for the acknowledgement may send nothing before it has come.
            while (!TryFlush(link) && !link.HasReceived && link.Wait(LinkReadiness.Input, PatienceMilliseconds) == 0)
            {
            }
            if (!TryFill(link))
                return LostOrOver(link);
            if (!TryBegin())
                return Nothing;
        }
        int most = Math.Min(bytes, _receiver.Left);
        if (_rawCount == 0 && most >= DirectBytes)
        {
            int direct = link.Receive(into, most);
            if (direct == 0)
                return LostOrOver(link);
            _receiver.Consume(direct);
            return direct;
        }
        if (_rawCount == 0 && !TryFill(link))
            return LostOrOver(link);
        int length = Math.Min(most, _rawCount);
        TakeRaw(length).CopyTo(new Span<byte>(into, length));
        _receiver.Consume(length);
        return length;
    }

    private int LostOrOver(StreamLink link)
    {
        Lose(link);
        return IsOver ? 0 : Lost;
    }

    /// <summary>Headers that are there, up to one with bytes behind it. False: more has to come first.</summary>
    private bool TryBegin()
    {
        while (_receiver.Left == 0)
        {
            if (_rawCount < RecordHeader.SizeBytes)
                return false;
            _receiver.Begin(RecordHeader.Read(TakeRaw(RecordHeader.SizeBytes)));
        }
        return true;
    }

    private ReadOnlySpan<byte> TakeRaw(int length)
    {
        ReadOnlySpan<byte> taken = _raw.AsSpan(_rawFirst, length);
        _rawFirst += length;
        Volatile.Write(ref _rawCount, _rawCount - length);
        return taken;
    }

    /// <summary>Waits for bytes. False: the connection has ended.</summary>
    private bool TryFill(StreamLink link)
    {
        if (_rawFirst > 0)
        {
            _raw.AsSpan(_rawFirst, _rawCount).CopyTo(_raw);
            _rawFirst = 0;
        }
        fixed (byte* start = _raw)
        {
            int received = link.Receive(start + _rawCount, RawBytes - _rawCount);
            Volatile.Write(ref _rawCount, _rawCount + received);
            return received > 0;
        }
    }

    /// <summary>One read by a thread that is not the reader; or a wait, if the reader is at it.</summary>
    private void ReadAheadOrWait(StreamLink link)
    {
        if (Volatile.Read(ref _readers) == 0 && Monitor.TryEnter(_receiving))
        {
            try
            {
                ReadAhead(link);
            }
            finally
            {
                Monitor.Exit(_receiving);
            }
            return;
        }
        lock (_changed)
        {
            _waiters++;
            if (!IsOver)
                Monitor.Wait(_changed, PatienceMilliseconds);
            _waiters--;
        }
    }

    /// <summary>As <see cref="ReadAheadOrWait"/>, but never waits.</summary>
    private void ReadAheadIfReady(StreamLink link)
    {
        if (Volatile.Read(ref _readers) > 0 || !Monitor.TryEnter(_receiving))
            return;
        try
        {
            if (link.HasReceived || link.Wait(LinkReadiness.Input, 0) != 0)
                ReadAhead(link);
        }
        finally
        {
            Monitor.Exit(_receiving);
        }
    }

    private void ReadAhead(StreamLink link)
    {
        if (Volatile.Read(ref _link) != link || IsOver)
            return;
        try
        {
            if (!TryPutAside() && !TryFill(link))
            {
                Lose(link);
                return;
            }
            TryPutAside();
        }
        catch (ProtocolException breach)
        {
            Break(breach);
        }
        Signal();
    }

    /// <summary>What lies here; false: nothing whole does.</summary>
    private bool TryPutAside()
    {
        int before = _rawCount;
        while (TryBegin() && _rawCount > 0)
            _receiver.PutAside(TakeRaw(Math.Min(_rawCount, _receiver.Left)));
        return _rawCount < before;
    }
}
