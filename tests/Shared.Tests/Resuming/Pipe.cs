using GpuActors.Shared.Resuming;

namespace GpuActors.Shared.Tests.Resuming;

/// <summary>Two ends of a connection within the process: little room, and it breaks after a number of bytes.</summary>
internal sealed class Pipe
{
    private readonly object _gate = new();
    private readonly Queue<byte>[] _directions = [new(), new()];
    private readonly int _roomBytes;
    private long _bytesLeft;
    private bool _isCut;

    /// <param name="bytes">Of both directions together, until it breaks.</param>
    /// <param name="roomBytes">What each direction holds.</param>
    public Pipe(long bytes, int roomBytes)
    {
        _roomBytes = roomBytes;
        _bytesLeft = bytes;
        Left = new Half(this, 0);
        Right = new Half(this, 1);
    }

    public StreamLink Left { get; }

    public StreamLink Right { get; }

    public void AwaitDelivery()
    {
        lock (_gate)
        {
            while (_directions.Any(bytes => bytes.Count > 0))
                Monitor.Wait(_gate);
        }
    }

    private sealed unsafe class Half(Pipe pipe, int side) : StreamLink
    {
        private Queue<byte> Out => pipe._directions[side];

        private Queue<byte> In => pipe._directions[1 - side];

        public override int Receive(byte* into, int bytes)
        {
            lock (pipe._gate)
            {
                while (In.Count == 0 && !pipe._isCut)
                    Monitor.Wait(pipe._gate);
                if (pipe._isCut)
                    return 0; // what is under way is lost
                int length = Math.Min(bytes, In.Count);
                for (var i = 0; i < length; i++)
                    into[i] = In.Dequeue();
                Monitor.PulseAll(pipe._gate);
                return length;
            }
        }

        public override nint Send(MemoryPiece* pieces, int count, bool mayWait)
        {
            nint sent = 0;
            lock (pipe._gate)
            {
                while (Out.Count >= pipe._roomBytes && !pipe._isCut)
                {
                    if (!mayWait)
                        return 0;
                    Monitor.Wait(pipe._gate);
                }
                for (var i = 0; i < count; i++)
                {
                    for (nuint at = 0; at < pieces[i].Length && Out.Count < pipe._roomBytes; at++)
                    {
                        if (pipe._isCut || --pipe._bytesLeft < 0)
                        {
                            pipe._isCut = true;
                            Monitor.PulseAll(pipe._gate);
                            return Gone; // some of it may have arrived
                        }
                        Out.Enqueue(pieces[i].Start[at]);
                        sent++;
                    }
                }
                Monitor.PulseAll(pipe._gate);
            }
            return sent;
        }

        public override LinkReadiness Wait(LinkReadiness wanted, int milliseconds)
        {
            lock (pipe._gate)
            {
                if (Ready(wanted) == 0)
                    Monitor.Wait(pipe._gate, milliseconds);
                return Ready(wanted);
            }
        }

        public override void ShutDown()
        {
            lock (pipe._gate)
            {
                pipe._isCut = true;
                Monitor.PulseAll(pipe._gate);
            }
        }

        public override void Retire()
        {
        }

        private LinkReadiness Ready(LinkReadiness wanted)
        {
            if (pipe._isCut)
                return wanted;
            LinkReadiness ready = (In.Count > 0 ? LinkReadiness.Input : 0) | (Out.Count < pipe._roomBytes / 2 ? LinkReadiness.Output : 0);
            return ready & wanted;
        }
    }
}
