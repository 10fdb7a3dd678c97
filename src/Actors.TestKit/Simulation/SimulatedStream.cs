using System.Buffers;
using System.IO.Pipelines;

namespace GpuActors.Actors.TestKit.Simulation;

/// <summary>
/// One direction of a connection. What is sent arrives in order, each packet after a delay of its own but never before
/// the one in front of it, and not while the link is blocked.
/// </summary>
internal sealed class SimulatedStream
{
    private const int WindowBytes = 256 * 1024;
    private static readonly TimeSpan RetransmitMax = TimeSpan.FromSeconds(1);

    private readonly SimulatedNetwork _network;
    private readonly NetworkLink _link;
    private readonly Queue<Packet> _underWay = new();
    private readonly VirtualTimer _arrival;
    private readonly Pipe _received;
    private long _lastArrivalTicks;
    private int _bytesUnderWay;
    private bool _isWaiting; // for the link or for the reader
    private bool _isOver;
    private Action? _roomAgain;

    public SimulatedStream(SimulatedNetwork network, NetworkLink link, SimulatedProcess receiver)
    {
        _network = network;
        _link = link;
        _arrival = network.Runtime.CreateTimer(Arrive);
        _received = new Pipe(new PipeOptions(
            null, receiver.PipeScheduler, new VirtualPipeScheduler(network.Runtime), WindowBytes, WindowBytes / 2,
            useSynchronizationContext: false));
    }

    /// <summary>The end at which the stream arrives.</summary>
    public SimulatedConnection? Receiver { get; set; }

    public PipeReader Reader => _received.Reader;

    /// <summary>As much is under way as the stream holds: the sender must wait.</summary>
    public bool IsFull => _bytesUnderWay > WindowBytes;

    public void Send(byte[] bytes)
    {
        _bytesUnderWay += bytes.Length;
        Enqueue(new Packet(bytes, PacketKind.Data, ArrivalTicks()));
    }

    /// <summary>The sender has nothing more to send.</summary>
    public void SendEnd() => Enqueue(new Packet([], PacketKind.End, ArrivalTicks()));

    /// <summary>The sender is gone: the receiver's connection breaks behind what was sent.</summary>
    public void SendReset() => Enqueue(new Packet([], PacketKind.Reset, ArrivalTicks()));

    /// <summary>Calls <paramref name="roomAgain"/> once the stream is not full any more.</summary>
    public void WhenRoom(Action roomAgain) => _roomAgain = roomAgain;

    /// <summary>The receiving end has closed: nothing arrives any more.</summary>
    public void Abort()
    {
        _isOver = true;
        _underWay.Clear();
        _received.Writer.Complete(new IOException("The connection was reset."));
        ReleaseSender();
    }

    /// <summary>Nobody waits for room any more.</summary>
    public void ReleaseSender()
    {
        var roomAgain = _roomAgain;
        _roomAgain = null;
        roomAgain?.Invoke();
    }

    /// <summary>The link is open again: what was lost is sent once more, soon.</summary>
    public void Retransmit()
    {
        _isWaiting = false;
        _arrival.Change(_network.Between(TimeSpan.Zero, RetransmitMax), Timeout.InfiniteTimeSpan);
    }

    private void Enqueue(Packet packet)
    {
        if (_isOver)
        {
            return;
        }

        _underWay.Enqueue(packet);
        if (_underWay.Count == 1 && !_isWaiting)
        {
            WaitForNext();
        }
    }

    private long ArrivalTicks() => _lastArrivalTicks = Math.Max(
        _lastArrivalTicks, _network.Runtime.Elapsed.Ticks + _network.Delay(_link).Ticks);

    private void WaitForNext()
    {
        var wait = _underWay.Peek().ArrivalTicks - _network.Runtime.Elapsed.Ticks;
        _arrival.Change(TimeSpan.FromTicks(Math.Max(wait, 0)), Timeout.InfiniteTimeSpan);
    }

    private void Arrive()
    {
        var now = _network.Runtime.Elapsed.Ticks;
        while (!_isOver && !_isWaiting && _underWay.TryPeek(out var next))
        {
            if (_link.IsBlocked)
            {
                _isWaiting = true;
                _link.Stall(this);
            }
            else if (next.ArrivalTicks > now)
            {
                WaitForNext();
                return;
            }
            else
            {
                _underWay.Dequeue();
                Deliver(next);
            }
        }
    }

    private void Deliver(Packet packet)
    {
        switch (packet.Kind)
        {
            case PacketKind.Reset:
                _isOver = true;
                Receiver?.Close();
                break;
            case PacketKind.End:
                _isOver = true;
                _received.Writer.Complete();
                break;
            default:
                DeliverBytes(packet.Bytes);
                break;
        }
    }

    private void DeliverBytes(byte[] bytes)
    {
        _bytesUnderWay -= bytes.Length;
        _received.Writer.Write(bytes);
        var flush = _received.Writer.FlushAsync();
        if (!flush.IsCompleted)
        {
            _isWaiting = true;
            _ = GoOnWhenReadAsync(flush);
        }

        if (!IsFull)
        {
            ReleaseSender();
        }
    }

    private async Task GoOnWhenReadAsync(ValueTask<FlushResult> flush)
    {
        await flush;
        _isWaiting = false;
        Arrive();
    }

    private enum PacketKind
    {
        Data,
        End,
        Reset,
    }

    private readonly record struct Packet(byte[] Bytes, PacketKind Kind, long ArrivalTicks);
}
