using GpuActors.Shared.Commands;
using GpuActors.Shared.Resuming;

namespace GpuActors.Shared.Tests.Resuming;

/// <summary>Sender and receiver as plain data, with a wire between them that is cut at any byte.</summary>
public sealed class RecordProperties
{
    private static Arbitrary<int> Seeds => Gen.Choose(0, int.MaxValue - 1).ToArbitrary();

    [Fact]
    public void Bytes_come_out_once_and_in_order_wherever_connections_are_cut() =>
        Prop.ForAll(Seeds, CutAnywhere).QuickCheckThrowOnFailure();

    [Fact]
    public void A_position_that_cannot_be_is_refused_and_changes_nothing() =>
        Prop.ForAll(Seeds, SayAnyPosition).QuickCheckThrowOnFailure();

    [Fact]
    public void Headers_read_back_and_others_are_refused() => Prop.ForAll(Seeds, ReadAnyHeader).QuickCheckThrowOnFailure();

    private static void CutAnywhere(int seed)
    {
        var random = new Random(seed);
        var (left, right) = (new Side(random), new Side(random));
        for (var step = 0; step < 400; step++)
        {
            Side side = random.Next(2) == 0 ? left : right;
            Side other = side == left ? right : left;
            switch (random.Next(12))
            {
                case < 5:
                    side.Send(random.Next(1, random.Next(2) == 0 ? 100 : 400_000));
                    break;
                case < 7:
                    side.Acknowledge();
                    break;
                case < 11:
                    side.Deliver(other, random.Next(random.Next(2) == 0 ? 40 : 700_000));
                    break;
                default:
                    Side.Reconnect(left, right);
                    break;
            }
        }
        Side.Reconnect(left, right);
        for (var i = 0; i < 4; i++)
        {
            left.Deliver(right, int.MaxValue);
            right.Deliver(left, int.MaxValue);
        }
        right.Received.ShouldBe(left.Sent);
        left.Received.ShouldBe(right.Sent);
    }

    private static void SayAnyPosition(int seed)
    {
        var random = new Random(seed);
        int appended = random.Next(1000);
        var sender = new RecordSender();
        sender.Append(new byte[appended]);
        sender.Acknowledge((ulong)random.Next(appended + 1));
        var said = (ulong)random.Next(1200);
        ulong before = sender.Consumed;
        bool isRight = said >= before && said <= (ulong)appended;

        if (isRight)
        {
            sender.Resume(new Opening(said, before));
            sender.Consumed.ShouldBe(before);
            sender.Acknowledge(said);
            sender.Consumed.ShouldBe(said);
        }
        else
        {
            Should.Throw<ProtocolException>(() => sender.Resume(new Opening(said, said)));
            Should.Throw<ProtocolException>(() => sender.Resume(new Opening((ulong)appended, (ulong)appended + 1)));
            Should.Throw<ProtocolException>(() => sender.Acknowledge(said));
            sender.Consumed.ShouldBe(before);
        }
    }

    private static void ReadAnyHeader(int seed)
    {
        var random = new Random(seed);
        var kind = (RecordKind)random.Next(1, 5);
        int length = kind switch
        {
            RecordKind.Data => random.Next(1, RecordHeader.MaxDataBytes + 1), RecordKind.Open => RecordHeader.OpenBytes, _ => 0,
        };
        var header = new RecordHeader(kind, length, (ulong)random.NextInt64());
        var bytes = new byte[RecordHeader.SizeBytes];
        header.Write(bytes);
        RecordHeader.Read(bytes).ShouldBe(header);

        bytes[random.Next(5, 8)] |= (byte)(1 << random.Next(8));
        Should.Throw<ProtocolException>(() => RecordHeader.Read(bytes));
    }

    [Fact]
    public void A_sender_beyond_the_window_is_refused()
    {
        var receiver = new RecordReceiver(new RecordSender());
        var piece = new byte[RecordHeader.MaxDataBytes];
        for (var i = 0; i < RecordHeader.WindowBytes / piece.Length; i++)
        {
            receiver.Begin(new RecordHeader(RecordKind.Data, piece.Length, 0));
            receiver.PutAside(piece);
        }

        Should.Throw<ProtocolException>(() => receiver.Begin(new RecordHeader(RecordKind.Data, 1, 0)));
        Should.Throw<ProtocolException>(() => receiver.Begin(new RecordHeader(RecordKind.Open, RecordHeader.OpenBytes, 0)));
    }

    private sealed class Side
    {
        private readonly Random _random;
        private readonly RecordSender _sender = new();
        private readonly RecordReceiver _receiver;
        private readonly List<byte> _head = [];
        private Queue<byte[]> _wire = new(); // from here to the other side
        private int _takenOfFirst;
        private uint _sent = 17;
        private uint _received = 17;

        public Side(Random random)
        {
            _random = random;
            _receiver = new RecordReceiver(_sender);
        }

        public ulong Sent => _sender.Appended;

        public ulong Received => _receiver.Consumed;

        public static void Reconnect(Side left, Side right)
        {
            (Opening leftHas, Opening rightHas) = (left.Restart(), right.Restart());
            left.Resume(rightHas);
            right.Resume(leftHas);
        }

        public void Send(int bytes)
        {
            bytes = Math.Min(bytes, Math.Min(_sender.Room, RecordHeader.MaxDataBytes));
            if (bytes == 0)
                return;
            var content = new byte[bytes];
            for (var i = 0; i < bytes; i++)
                content[i] = Next(ref _sent);
            _sender.Append(content);
            Write(new RecordHeader(RecordKind.Data, bytes, _receiver.Consumed), content);
        }

        public void Acknowledge() => Write(new RecordHeader(RecordKind.Acknowledgement, 0, _receiver.Consumed), []);

        /// <summary>So many bytes of the wire arrive.</summary>
        public void Deliver(Side other, int bytes)
        {
            while (bytes > 0 && _wire.TryPeek(out byte[]? first))
            {
                int length = Math.Min(bytes, first.Length - _takenOfFirst);
                other.Take(first.AsSpan(_takenOfFirst, length));
                bytes -= length;
                _takenOfFirst += length;
                if (_takenOfFirst == first.Length)
                {
                    _wire.Dequeue();
                    _takenOfFirst = 0;
                }
            }
            if (_random.Next(2) == 0 || bytes == int.MaxValue)
                other.TakeAside();
            if (!_wire.TryPeek(out _))
                other.TakeAside();
        }

        private static byte Next(ref uint state)
        {
            state = (state * 1664525) + 1013904223;
            return (byte)(state >> 24);
        }

        private void Write(in RecordHeader header, byte[] content)
        {
            var bytes = new byte[RecordHeader.SizeBytes + content.Length];
            header.Write(bytes);
            content.CopyTo(bytes, RecordHeader.SizeBytes);
            _wire.Enqueue(bytes);
        }

        private void Take(ReadOnlySpan<byte> bytes)
        {
            while (bytes.Length > 0)
            {
                if (_receiver.Left == 0)
                {
                    int length = Math.Min(bytes.Length, RecordHeader.SizeBytes - _head.Count);
                    _head.AddRange(bytes[..length]);
                    bytes = bytes[length..];
                    if (_head.Count < RecordHeader.SizeBytes)
                        return;
                    _receiver.Begin(RecordHeader.Read(_head.ToArray()));
                    _head.Clear();
                    continue;
                }
                int most = Math.Min(bytes.Length, _receiver.Left);
                if (_receiver.HasAside || _random.Next(2) == 0)
                {
                    _receiver.PutAside(bytes[..most]);
                }
                else
                {
                    Check(bytes[..most]);
                    _receiver.Consume(most);
                }
                bytes = bytes[most..];
            }
        }

        private void TakeAside()
        {
            var buffer = new byte[100_000];
            for (int taken; (taken = _receiver.TakeAside(buffer)) > 0;)
                Check(buffer.AsSpan(0, taken));
        }

        private void Check(ReadOnlySpan<byte> bytes)
        {
            foreach (byte value in bytes)
            {
                byte expected = Next(ref _received);
                if (value != expected)
                    throw new InvalidOperationException($"{value} instead of {expected}");
            }
        }

        private Opening Restart()
        {
            _wire = new Queue<byte[]>();
            _takenOfFirst = 0;
            _head.Clear();
            _receiver.Restart();
            return new Opening(_receiver.Received, _receiver.Consumed);
        }

        private void Resume(in Opening peer)
        {
            _sender.Resume(peer);
            ulong peerHas = peer.Received;
            while (peerHas < _sender.Appended)
            {
                byte[] again = _sender.From(peerHas, _random.Next(1, RecordHeader.MaxDataBytes)).ToArray();
                Write(new RecordHeader(RecordKind.Data, again.Length, _receiver.Consumed), again);
                peerHas += (ulong)again.Length;
            }
        }
    }
}
