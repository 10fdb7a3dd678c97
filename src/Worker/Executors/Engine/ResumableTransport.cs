using System.Globalization;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Resuming;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// A client's stream that outlives its connections. The engine does not notice when one is lost: what it sends is kept, and
/// who receives waits, until the client has made another, or for the time that the worker said.
/// </summary>
internal sealed unsafe class ResumableTransport : ClientTransport
{
    private const int MaxHandshakes = 4;
    private const int AgainPatienceMilliseconds = 100;
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(10);

    private readonly ResumableStream _stream = new(null);
    private readonly TakeResumable _take;
    private readonly TimeProvider _time;
    private readonly TimeSpan _keep;
    private readonly EngineLink _first;
    private int _handshakes;
    private volatile string? _endText;

    /// <param name="client">The first connection; belongs to this object from here on.</param>
    /// <param name="take">What the worker said with it.</param>
    /// <param name="time">Clock.</param>
    public ResumableTransport(int client, TakeResumable take, TimeProvider time)
    {
        (_take, _time) = (take, time);
        _keep = TimeSpan.FromMilliseconds(take.KeepMilliseconds);
        _first = Wrap(client, take.Client);
        _first.TryUse(); // this object, until it is disposed of
    }

    /// <summary>Hears when the connection is lost, and when there is another one. On the thread that waits for the end.</summary>
    public Action<StreamLinked>? Changed { get; set; }

    public override string? EndText => _endText;

    /// <summary>Whether it is the stream that the client has named so, and has not ended.</summary>
    public bool Is(Guid stream) => stream == _take.Stream && !_stream.IsOver;

    public override bool Begin()
    {
        Join(_first); // lost already: there may be another
        return !_stream.IsOver;
    }

    /// <summary>Goes on with another connection of the client, after its handshake. Blocks for as long as that takes.</summary>
    /// <param name="client">Belongs to this object from here on.</param>
    /// <param name="take">What the worker said with it.</param>
    public void Resume(int client, in TakeResumable take)
    {
        EngineLink link = Wrap(client, take.Client);
        if (Interlocked.Increment(ref _handshakes) <= MaxHandshakes)
        {
            Join(link);
        }
        else
        {
            link.ShutDown();
            link.Retire();
        }
        Interlocked.Decrement(ref _handshakes);
    }

    public override int Receive(byte* into, int length)
    {
        while (true)
        {
            int received = _stream.Receive(into, length);
            if (received != ResumableStream.Nothing)
                return received;
        }
    }

    public override nint Send(Libc.IoVector* vectors, int count, bool mayWait) =>
        _stream.Send((MemoryPiece*)vectors, count, mayWait);

    public override void ShutDown()
    {
        _stream.SayLast();
        End();
    }

    public override void WaitForEnd()
    {
        AwaitLink(_keep > HandshakeTime ? _keep : HandshakeTime);
        var wasLost = false;
        while (!_stream.IsOver)
        {
            if (_stream.Link is EngineLink link && link.TryUse())
            {
                if (wasLost)
                    Changed?.Invoke(new StreamLinked(true, ""));
                wasLost = false;
                link.WaitForHangUp();
                _stream.AwaitLoss(link);
                link.Retire();
                continue;
            }
            if (!wasLost && _keep > TimeSpan.Zero)
                Changed?.Invoke(new StreamLinked(false, "the connection to its client is lost"));
            wasLost = true;
            AwaitLink(_keep);
        }
    }

    public override void Dispose()
    {
        End();
        _stream.Retire();
        _first.Retire();
    }

    private static EngineLink Wrap(int client, in TakeClient take)
    {
        var socket = new SocketTransport(client);
        return new EngineLink(socket, take.Certificate.Length > 0 ? new TlsTransport(socket, take) : socket);
    }

    private void AwaitLink(TimeSpan keep)
    {
        long lostAt = _time.GetTimestamp();
        while (!_stream.IsLinked && !_stream.IsOver)
        {
            TimeSpan left = keep - _time.GetElapsedTime(lostAt);
            if (left > TimeSpan.Zero)
            {
                _stream.TryAwaitLink((int)Math.Ceiling(left.TotalMilliseconds));
                continue;
            }
            _endText = string.Create(
                CultureInfo.InvariantCulture,
                $"the connection to its client was lost, and not made again within {keep.TotalSeconds:0.###} s");
            End();
        }
    }

    private void Join(EngineLink link)
    {
        using (_time.CreateTimer(_ => link.ShutDown(), null, HandshakeTime, Timeout.InfiniteTimeSpan))
        {
            if (!TryOpen(link, out Opening peer))
            {
                link.ShutDown();
                link.Retire();
                return;
            }
            try
            {
                _stream.Answer(link, peer, _take.KeepMilliseconds);
            }
            catch (ProtocolException exception)
            {
                _endText = exception.Message;
            }
        }
        while (_stream.Link == link && _stream.SendAgain(AgainPatienceMilliseconds))
        {
        }
    }

    private static bool TryOpen(EngineLink link, out Opening peer)
    {
        peer = default;
        try
        {
            return link.Begin() && Opening.TryReceive(link, out peer);
        }
        catch (ProtocolException)
        {
            return false;
        }
    }

    private void End()
    {
        _stream.End();
        _first.ShutDown(); // its handshake may be under way
    }
}
