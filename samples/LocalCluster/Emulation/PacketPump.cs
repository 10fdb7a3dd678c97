using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace GpuActors.LocalCluster.Emulation;

/// <summary>
/// One direction of an emulated link: takes packets from one device and gives them to another when their time has come,
/// in their order. Its thread sleeps to the microsecond, for which timers of a millisecond are too coarse.
/// </summary>
internal sealed class PacketPump : IDisposable
{
    /// <summary>Packets under way; further ones are lost, as in a switch whose memory is full.</summary>
    private const int MostPackets = 20_000;
    private const int MostTakenAtOnce = 64;
    private const int PacketBytes = 2_048;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(50);

    private readonly SafeFileHandle _from;
    private readonly SafeFileHandle _to;
    private readonly Random _random;
    private readonly Queue<Packet> _underWay = new();
    private readonly Stack<byte[]> _buffers = new();
    private readonly Thread _thread;
    private LinkQuality _quality = LinkQuality.Direct;
    private long _lost;
    private volatile bool _stop;

    public PacketPump(SafeFileHandle from, SafeFileHandle to, int seed)
    {
        (_from, _to, _random) = (from, to, new Random(seed));
        _thread = new Thread(Run) { IsBackground = true, Name = "emulated link" };
        _thread.Start();
    }

    /// <summary>How packets are treated that come from now on.</summary>
    public LinkQuality Quality
    {
        get => Volatile.Read(ref _quality);
        set => Volatile.Write(ref _quality, value);
    }

    /// <summary>Packets that were lost on the way.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    public void Dispose()
    {
        _stop = true;
        _thread.Join();
    }

    private void Run()
    {
        while (!_stop)
        {
            var wait = _underWay.TryPeek(out var next) ? Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), next.Due) : LongestWait;
            if (wait > TimeSpan.Zero)
            {
                Kernel.WaitReadable(_from, wait < LongestWait ? wait : LongestWait);
            }

            Take(Quality);
            Deliver();
        }
    }

    private void Take(LinkQuality quality)
    {
        for (var i = 0; i < MostTakenAtOnce; i++)
        {
            var buffer = _buffers.TryPop(out var used) ? used : new byte[PacketBytes];
            var length = Kernel.Receive(_from, buffer);
            if (length <= 0)
            {
                _buffers.Push(buffer);
                return;
            }

            if (_underWay.Count >= MostPackets || (quality.Loss > 0 && _random.NextDouble() < quality.Loss))
            {
                _buffers.Push(buffer);
                Interlocked.Increment(ref _lost);
                continue;
            }

            var due = Stopwatch.GetTimestamp() + (long)(quality.Delay.TotalSeconds * Stopwatch.Frequency);
            _underWay.Enqueue(new Packet(buffer, length, due));
        }
    }

    private void Deliver()
    {
        var now = Stopwatch.GetTimestamp();
        while (_underWay.TryPeek(out var packet) && packet.Due <= now)
        {
            _underWay.Dequeue();
            Kernel.Send(_to, packet.Bytes.AsSpan(0, packet.Length));
            _buffers.Push(packet.Bytes);
        }
    }

    private readonly record struct Packet(byte[] Bytes, int Length, long Due);
}
