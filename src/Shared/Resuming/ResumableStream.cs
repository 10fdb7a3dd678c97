using GpuActors.Shared.Commands;

namespace GpuActors.Shared.Resuming;

/// <summary>
/// An ordered, reliable, duplex byte stream that outlives its connections. Each side keeps what it sent until the other has
/// consumed it; on the next connection both say what they have received, and go on from there. One thread sends and one
/// receives at a time; any may end it.
/// </summary>
/// <remarks>
/// Who may send nothing more, because the other side has consumed nothing for a window, looks for its acknowledgements by
/// itself while the reader is busy, and puts data before them aside. A lock for sending is taken before that for receiving;
/// who receives only tries the other.
/// </remarks>
public sealed unsafe partial class ResumableStream
{
    /// <summary>What <see cref="Receive"/> returns when records came that the reader need not know of.</summary>
    public const int Nothing = -1;

    private const int PatienceMilliseconds = 20;

    private readonly ILinkSource? _source;
    private readonly RecordSender _sender = new();
    private readonly RecordReceiver _receiver;
    private readonly object _sending = new();
    private readonly object _receiving = new();
    private readonly object _redialing = new();
    private readonly object _changed = new();
    private StreamLink? _link;
    private StreamLink? _retired;
    private ProtocolException? _breach;
    private uint _connection;
    private int _waiters;
    private int _readers;
    private bool _isOver;

    /// <param name="source">Makes connections; null: they are given to <see cref="Replace"/>.</param>
    public ResumableStream(ILinkSource? source)
    {
        _source = source;
        _receiver = new RecordReceiver(_sender);
    }

    /// <summary>Whether it has ended for good.</summary>
    public bool IsOver => Volatile.Read(ref _isOver);

    /// <summary>Whether it has a connection.</summary>
    public bool IsLinked => Volatile.Read(ref _link) is not null;

    /// <summary>Bytes of the other side's stream that need not come again. Exact while nobody receives.</summary>
    public ulong Received => _receiver.Received;

    /// <summary>Whether received bytes lie where waiting for the connection does not see them.</summary>
    public bool HasReceived => _receiver.HasAside || Volatile.Read(ref _rawCount) > 0 || Volatile.Read(ref _link)?.HasReceived == true;

    /// <summary>Goes on with another connection. For who connects, and has said all that it has to say.</summary>
    /// <param name="link">Belongs to the stream from here on.</param>
    /// <param name="peer">What the other side said.</param>
    /// <exception cref="ProtocolException">That cannot be; the stream has ended.</exception>
    public void Replace(StreamLink link, in Opening peer) => Replace(link, peer, null);

    /// <summary>Goes on with another connection, unless there was a newer one. For who is connected to.</summary>
    /// <param name="link">Belongs to the stream from here on.</param>
    /// <param name="peer">What the other side said.</param>
    /// <param name="keepMilliseconds">What is said to it.</param>
    /// <exception cref="ProtocolException">That cannot be; the stream has ended.</exception>
    public void Answer(StreamLink link, in Opening peer, uint keepMilliseconds) => Replace(link, peer, keepMilliseconds);

    /// <summary>
    /// Whether there is a connection other than this one. Makes it, where the stream can, or waits for it. False: the stream
    /// has ended.
    /// </summary>
    public bool AwaitLink(StreamLink? lost)
    {
        if (_source is not null)
            return Redial(lost);
        AwaitChange(() => Volatile.Read(ref _link) is { } link && link != lost, Timeout.Infinite);
        return !IsOver;
    }

    /// <summary>Waits until the connection is lost, or the stream has ended; sees the end also while nobody reads.</summary>
    /// <param name="link">It has hung up, on one side at least.</param>
    public void AwaitLoss(StreamLink link)
    {
        while (Volatile.Read(ref _link) == link && !IsOver)
            ReadAheadOrWait(link);
    }

    /// <summary>Waits until there is a connection, or the stream has ended. False: neither happened in that time.</summary>
    public bool TryAwaitLink(int milliseconds) => AwaitChange(() => IsLinked, milliseconds);

    /// <summary>The connection that it has now, if any.</summary>
    public StreamLink? Link => Volatile.Read(ref _link);

    /// <summary>Ends it: whoever sends, receives or waits comes back.</summary>
    public void End()
    {
        Volatile.Write(ref _isOver, true);
        Volatile.Read(ref _link)?.ShutDown();
        Signal(always: true);
    }

    /// <summary>Nobody uses the stream any more.</summary>
    public void Retire()
    {
        End();
        lock (_sending)
        {
            lock (_receiving)
            {
                Interlocked.Exchange(ref _link, null)?.Retire();
                Interlocked.Exchange(ref _retired, null)?.Retire();
            }
        }
    }

    private void Replace(StreamLink link, in Opening peer, uint? keepMilliseconds)
    {
        if (IsLate(peer))
        {
            Discard(link);
            return;
        }
        Volatile.Read(ref _link)?.ShutDown(); // whoever uses it comes back
        lock (_sending)
        {
            lock (_receiving)
            {
                if (!TryExchange(link, peer, keepMilliseconds))
                    Discard(link);
            }
        }
    }

    private bool IsLate(in Opening peer) => peer.Connection > 0 && peer.Connection <= Volatile.Read(ref _connection);

    private bool TryExchange(StreamLink link, in Opening peer, uint? keepMilliseconds)
    {
        if (IsOver || IsLate(peer))
            return false;
        Volatile.Write(ref _connection, peer.Connection);
        Interlocked.Exchange(ref _link, null)?.Retire();
        Interlocked.Exchange(ref _retired, null)?.Retire();
        Restart();
        try
        {
            _sender.Resume(peer);
        }
        catch (ProtocolException breach)
        {
            Discard(link);
            Break(breach);
            throw;
        }
        if (keepMilliseconds is { } keep && !(Tell() with { KeepMilliseconds = keep }).TrySend(link))
            return false; // lost already: the next one
        Volatile.Write(ref _againEnd, _sender.Appended);
        Volatile.Write(ref _againFrom, peer.Received);
        Volatile.Write(ref _link, link);
        if (IsOver)
            link.ShutDown(); // it was ended meanwhile
        Signal(always: true);
        return true;
    }

    private static void Discard(StreamLink link)
    {
        link.ShutDown();
        link.Retire();
    }

    /// <summary>The connection is lost; the stream as well if the other side had said that it is its last.</summary>
    private void Lose(StreamLink link)
    {
        link.ShutDown();
        if (Interlocked.CompareExchange(ref _link, null, link) != link)
            return;
        Interlocked.Exchange(ref _retired, link)?.Retire();
        if (_receiver.IsLast)
            Volatile.Write(ref _isOver, true);
        Signal(always: true);
    }

    private void Break(ProtocolException breach)
    {
        _breach ??= breach;
        End();
    }

    private bool Redial(StreamLink? lost)
    {
        lock (_redialing)
        {
            while (!IsOver)
            {
                if (Volatile.Read(ref _link) is { } link)
                {
                    if (link != lost)
                        return true;
                    Lose(link);
                }
                if (_source!.Connect(Freeze(), out Opening peer) is not { } made)
                {
                    End();
                    return false;
                }
                Replace(made, peer);
                TryFlush(made); // who noticed the loss may have nothing more to send
            }
            return false;
        }
    }

    /// <summary>What was received, while there is no connection by which more could come.</summary>
    private Opening Freeze()
    {
        lock (_sending)
        {
            lock (_receiving)
            {
                Restart();
                return Tell();
            }
        }
    }

    /// <summary>What the other side is going to know. The locks are held.</summary>
    private Opening Tell()
    {
        Volatile.Write(ref _told, _receiver.Consumed);
        return new Opening(_receiver.Received, _told);
    }

    private void Restart()
    {
        _receiver.Restart();
        (_rawFirst, _rawCount) = (0, 0);
        (_owed, _headerLeft) = (0, 0);
    }

    private void Signal(bool always = false)
    {
        if (!always && Volatile.Read(ref _waiters) == 0)
            return;
        lock (_changed)
            Monitor.PulseAll(_changed);
    }

    /// <summary>Waits until it holds or the stream has ended; false: neither, after that time without a change.</summary>
    private bool AwaitChange(Func<bool> holds, int milliseconds)
    {
        lock (_changed)
        {
            _waiters++;
            try
            {
                while (!IsOver && !holds())
                {
                    if (!Monitor.Wait(_changed, milliseconds))
                        return IsOver || holds();
                }
                return true;
            }
            finally
            {
                _waiters--;
            }
        }
    }
}
