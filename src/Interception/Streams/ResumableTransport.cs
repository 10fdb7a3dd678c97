using GpuActors.Shared.Resuming;

namespace GpuActors.Interception.Streams;

/// <summary>
/// A stream that outlives its connections. The thread that notices the loss of one makes another, the others wait; the
/// descriptor to wait on keeps its number.
/// </summary>
internal sealed unsafe class ResumableTransport : Transport
{
    private const int AgainMilliseconds = 5;

    private readonly Reconnection _reconnection;
    private readonly ResumableStream _stream;
    private readonly int _descriptor;
    private int _closed;

    /// <param name="first">Both sides have said what comes first.</param>
    /// <param name="peer">What the executor said.</param>
    /// <param name="reconnection">Makes other connections.</param>
    /// <exception cref="IOException">There is no descriptor left.</exception>
    public ResumableTransport(TransportLink first, in Opening peer, Reconnection reconnection)
    {
        _descriptor = Libc.Fcntl(first.Descriptor, Libc.FcntlDuplicate, 0);
        if (_descriptor < 0)
            throw new IOException("no descriptor is left");
        _reconnection = reconnection;
        _stream = new ResumableStream(reconnection);
        reconnection.Connected = link => _ = Libc.Duplicate(link.Descriptor, _descriptor, Libc.OpenCloseOnExec);
        _stream.Replace(first, peer);
        ProgramEnd.Tell(this);
    }

    public override int Descriptor => _descriptor;

    public override bool HasReceived => _stream.HasReceived;

    public override bool HasRoom => _stream.Link?.Wait(LinkReadiness.Output, 0) is { } ready && ready != 0;

    public override bool MaySleep() => !_stream.HasReceived && !_stream.HasAgain;

    public override int Receive(byte* into, int bytes, bool mayWait = true)
    {
        while (true)
        {
            if (!mayWait && IsSilent())
                return NothingYet;
            int received = _stream.Receive(into, bytes);
            if (received > 0)
                return received;
            if (received == 0)
                throw new IOException(_reconnection.Failure ?? "the connection was closed by the other side");
            if (!mayWait)
                return NothingYet;
        }
    }

    public override void Send(Span<Libc.Piece> pieces)
    {
        fixed (Libc.Piece* all = pieces)
        {
            Libc.Piece* first = all;
            Libc.Piece* end = all + pieces.Length;
            while (true)
            {
                while (first < end && first->Length == 0)
                    first++;
                if (first == end)
                    return;
                nint sent = _stream.Send((MemoryPiece*)first, (int)(end - first), mayWait: true);
                if (sent < 0)
                    throw new IOException(_reconnection.Failure ?? "the connection was closed by the other side");
                Advance((nuint)sent, ref first);
            }
        }
    }

    /// <summary>The process is about to end: the executor need not wait for another connection.</summary>
    public void SayLast() => _stream.SayLast();

    public override void Shutdown()
    {
        _stream.SayLast();
        _stream.End();
    }

    public override void Dispose()
    {
        ProgramEnd.Forget(this);
        _stream.Retire();
        if (Interlocked.Exchange(ref _closed, 1) == 0)
            _ = Libc.Close(_descriptor);
    }

    /// <summary>Nothing has come; a lost connection is not silent.</summary>
    private bool IsSilent()
    {
        if (_stream.HasAgain)
            _stream.SendAgain(AgainMilliseconds);
        return !_stream.HasReceived && _stream.Link is { } link && link.Wait(LinkReadiness.Input, 0) == 0;
    }

    private static void Advance(nuint sent, ref Libc.Piece* first)
    {
        while (sent > 0)
        {
            nuint step = Math.Min(sent, first->Length);
            first->Start = (byte*)first->Start + step;
            first->Length -= step;
            sent -= step;
            if (first->Length == 0)
                first++;
        }
    }
}
