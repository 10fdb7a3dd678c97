using GpuActors.Shared.Commands;
using GpuActors.Shared.Resuming;

namespace GpuActors.Shared.Tests.Resuming;

/// <summary>Both sides with threads of their own, over connections that break at any byte.</summary>
public sealed class ResumableStreamTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(1, true, true)]
    [InlineData(2, true, false)]
    [InlineData(3, false, true)]
    [InlineData(4, true, true)]
    public async Task What_both_sides_send_at_once_arrives_over_connections_that_break(int seed, bool fromLeft, bool fromRight)
    {
        var random = new Random(seed);
        using var pair = new Pair(() => random.Next(4) == 0 ? random.Next(1, 200) : random.Next(200, 900_000));
        int left = fromLeft ? 6_000_000 : 100, right = fromRight ? 6_000_000 : 100;

        Task last = Begin(() => ReceiveAll(pair.Left, right, seed + 1));
        Task watches = last.ContinueWith(_ => ReceiveUntilEnd(pair.Left), TaskScheduler.Default); // who dials must notice losses
        Task[] all =
        [
            Begin(() => SendAll(pair.Left, left, seed, mayWait: true)),
            Begin(() => SendAll(pair.Right, right, seed + 1, mayWait: seed % 2 == 0)),
            Begin(() => ReceiveAll(pair.Right, left, seed)),
            last,
        ];

        await Task.WhenAll(all).WaitAsync(Patience);
        pair.Connections.ShouldBeGreaterThan(5);
        pair.Left.End();
        await watches.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_sender_without_room_finds_acknowledgements_behind_data_that_nobody_reads()
    {
        const int Window = RecordHeader.WindowBytes;
        using var pair = new Pair(() => long.MaxValue, roomBytes: 2 * Window);
        Task sends = Begin(() => SendAll(pair.Left, 2 * Window, 1, mayWait: true));
        await Begin(() => SendAll(pair.Right, Window, 2, mayWait: true)).WaitAsync(Patience);

        await Task.WhenAll(sends, Begin(() => ReceiveAll(pair.Right, 2 * Window, 1))).WaitAsync(Patience);

        await Begin(() => ReceiveAll(pair.Left, Window, 2)).WaitAsync(Patience);
        pair.Connections.ShouldBe(1);
    }

    [Fact]
    public async Task An_acknowledgement_that_is_lost_with_its_connection_is_made_up_for()
    {
        const int Window = RecordHeader.WindowBytes;
        using var pair = new Pair(() => long.MaxValue, roomBytes: 2 * Window);
        SendAll(pair.Left, Window, 1, mayWait: true); // nobody there reads what comes back
        await Begin(() => ReceiveAll(pair.Right, Window, 1)).WaitAsync(Patience);
        pair.Right.Link!.ShutDown();

        Task sends = Begin(() => SendAll(pair.Left, 1000, 2, mayWait: true));

        await Task.WhenAll(sends, Begin(() => ReceiveAll(pair.Right, 1000, 2))).WaitAsync(Patience);
        pair.Connections.ShouldBe(2);
    }

    [Fact]
    public async Task A_side_that_says_that_a_connection_is_its_last_ends_the_stream_with_it()
    {
        using var pair = new Pair(() => long.MaxValue);
        Task receives = Begin(() => ReceiveAll(pair.Right, 1000, 5));
        SendAll(pair.Left, 1000, 5, mayWait: true);
        await receives.WaitAsync(Patience);

        StreamLink link = pair.Right.Link!;
        Task loss = Begin(() => pair.Right.AwaitLoss(link)); // nobody receives
        pair.Left.SayLast();
        await Begin(pair.AwaitDelivery).WaitAsync(Patience);
        pair.Left.End();

        await loss.WaitAsync(Patience);
        pair.Right.IsOver.ShouldBeTrue();
        Receive(pair.Right).ShouldBe(0);
        pair.Connections.ShouldBe(1);
    }

    [Fact]
    public async Task A_connection_that_never_comes_again_ends_the_stream()
    {
        using var pair = new Pair(() => 500, most: 1);

        Task sends = Begin(() => SendAll(pair.Left, 9_000_000, 5, mayWait: true));

        (await Should.ThrowAsync<IOException>(() => sends.WaitAsync(Patience))).Message.ShouldBe("ended");
        pair.Left.IsOver.ShouldBeTrue();
        Receive(pair.Left).ShouldBe(0);
    }

    [Fact]
    public void A_position_that_was_never_sent_ends_the_stream()
    {
        var stream = new ResumableStream(null);

        Should.Throw<ProtocolException>(() => stream.Answer(new Pipe(1000, 1000).Right, new Opening(5, 0, Connection: 1), 7));

        stream.IsOver.ShouldBeTrue();
        Should.Throw<ProtocolException>(() => Receive(stream));
    }

    [Fact]
    public async Task A_connection_that_comes_late_does_not_replace_a_newer_one()
    {
        var stream = new ResumableStream(null);
        Pipe newer = new(1000, 1000), late = new(1000, 1000);
        stream.Answer(newer.Right, new Opening(0, 0, Connection: 2), 7);

        stream.Answer(late.Right, new Opening(0, 0, Connection: 1), 7);

        stream.Link.ShouldBe(newer.Right);
        Opening.TryReceive(late.Left, out _).ShouldBeFalse();
        Opening.TryReceive(newer.Left, out Opening said).ShouldBeTrue();
        said.ShouldBe(new Opening(0, 0, KeepMilliseconds: 7));
        stream.End();
        await Begin(() => Receive(stream).ShouldBe(0)).WaitAsync(Patience);
    }

    private static Task Begin(Action run) =>
        Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static unsafe void SendAll(ResumableStream stream, int bytes, int seed, bool mayWait)
    {
        var random = new Random(seed);
        var content = new byte[bytes];
        random.NextBytes(content);
        fixed (byte* start = content)
        {
            MemoryPiece* pieces = stackalloc MemoryPiece[3];
            for (var at = 0; at < bytes;)
            {
                int most = Math.Min(bytes - at, random.Next(1, random.Next(3) == 0 ? 3_000_000 : 5_000));
                int first = random.Next(most + 1), second = random.Next(most - first + 1);
                pieces[0] = new MemoryPiece { Start = start + at, Length = (nuint)first };
                pieces[1] = new MemoryPiece { Start = start + at + first, Length = (nuint)second };
                pieces[2] = new MemoryPiece { Start = start + at + first + second, Length = (nuint)(most - first - second) };
                nint sent = stream.Send(pieces, 3, mayWait);
                if (sent < 0)
                    throw new IOException("ended");
                if (sent == 0)
                    Thread.Yield(); // as one that hands over to another thread
                at += (int)sent;
            }
        }
    }

    private static unsafe void ReceiveAll(ResumableStream stream, int bytes, int seed)
    {
        var random = new Random(seed);
        var expected = new byte[bytes];
        random.NextBytes(expected);
        var buffer = new byte[200_000];
        fixed (byte* into = buffer)
        {
            for (var at = 0; at < bytes;)
            {
                int received = stream.Receive(into, random.Next(1, random.Next(2) == 0 ? 100 : buffer.Length));
                received.ShouldNotBe(0);
                if (received < 0)
                    continue;
                buffer.AsSpan(0, received).SequenceEqual(expected.AsSpan(at, received)).ShouldBeTrue($"at {at}");
                at += received;
            }
        }
    }

    private static void ReceiveUntilEnd(ResumableStream stream)
    {
        while (Receive(stream) != 0)
        {
        }
    }

    private static unsafe int Receive(ResumableStream stream)
    {
        byte one;
        return stream.Receive(&one, 1);
    }

    /// <summary>Two sides, the left of which makes the connections.</summary>
    private sealed class Pair : ILinkSource, IDisposable
    {
        private readonly Func<long> _bytes;
        private readonly int _most;
        private readonly int _roomBytes;
        private Pipe? _newest;

        public Pair(Func<long> bytes, int most = int.MaxValue, int roomBytes = 24 << 10)
        {
            (_bytes, _most, _roomBytes) = (bytes, most, roomBytes);
            Left = new ResumableStream(this);
            Right = new ResumableStream(null);
        }

        public ResumableStream Left { get; }

        public ResumableStream Right { get; }

        public int Connections { get; private set; }

        public StreamLink? Connect(Opening own, out Opening peer)
        {
            peer = default;
            while (Connections < _most && !Right.IsOver)
            {
                Connections++;
                Pipe pipe = _newest = new Pipe(_bytes(), _roomBytes);
                if (!(own with { Connection = (uint)Connections }).TrySend(pipe.Left))
                    continue;
                _ = Begin(() => Take(pipe.Right));
                if (Opening.TryReceive(pipe.Left, out peer))
                {
                    peer.KeepMilliseconds.ShouldBe(7u);
                    return pipe.Left;
                }
            }
            return null;
        }

        /// <summary>Waits until the newest connection carries nothing.</summary>
        public void AwaitDelivery() => _newest!.AwaitDelivery();

        public void Dispose()
        {
            Left.End();
            Right.End();
        }

        private void Take(StreamLink link)
        {
            if (!Opening.TryReceive(link, out Opening peer))
                return;
            Right.Answer(link, peer, 7);
            while (Right.Link == link && Right.SendAgain(100)) // nobody else may have anything to do there
            {
            }
        }
    }
}
