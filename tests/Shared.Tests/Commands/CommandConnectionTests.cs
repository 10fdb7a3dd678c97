using System.Buffers;
using System.IO.Pipelines;
using GpuActors.Shared.Commands;

namespace GpuActors.Shared.Tests.Commands;

public sealed class CommandConnectionTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly Peer _peer = new();
    private readonly Recorder _recorder = new();
    private CommandConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _connection = new CommandConnection(_peer.ClientStream, _recorder, TimeProvider.System);
        await OpenAsync(windowCommands: 100, windowBytes: 1 << 20);
    }

    public async Task DisposeAsync() => await _connection.DisposeAsync();

    [Fact]
    public async Task Commands_arrive_in_order_with_growing_numbers_and_without_waiting_for_replies()
    {
        for (ulong i = 1; i <= 50; i++)
            (await _connection.SendAsync(new Flush(i))).ShouldBe(i + 1);

        for (ulong i = 1; i <= 50; i++)
        {
            Frame frame = await _peer.NextAsync();
            frame.Sequence.ShouldBe(i + 1);
            CommandReader.Read<Flush>(frame).Queue.ShouldBe(i);
        }
    }

    [Fact]
    public async Task Replies_find_their_commands_in_whatever_order_they_come()
    {
        Task<Done> first = _connection.RequestAsync(new Finish(1));
        Task<Info> second = _connection.RequestAsync(new Query(QueryKind.Session, 0));
        await _peer.NextAsync();
        await _peer.NextAsync();

        await _peer.SendAsync(3, new Info([new InfoEntry(5, new byte[] { 1 })]));
        await _peer.SendAsync(2, new Done(9));

        (await second.WaitAsync(Deadline)).Find(5)!.Value.Length.ShouldBe(1);
        (await first.WaitAsync(Deadline)).DataBytes.ShouldBe(9UL);
    }

    [Fact]
    public async Task A_read_lands_in_the_callers_memory_whatever_the_order_of_its_pieces()
    {
        var destination = new byte[300_000];
        byte[] content = RandomBytes(300_000);
        Task<Done> read = _connection.ReadAsync(new ReadBuffer(1, 2, 0, 300_000), destination);
        await _peer.NextAsync();

        await _peer.SendAsync(2, new Data(200_000, content[200_000..]));
        await _peer.SendAsync(2, new Data(0, content[..200_000]));
        await _peer.SendAsync(2, new Done(300_000));

        await read.WaitAsync(Deadline);
        destination.ShouldBe(content);
    }

    [Fact]
    public async Task Data_follows_its_command_in_pieces_and_others_do_not_come_between()
    {
        byte[] content = RandomBytes(700_000);
        Task<ulong> write = _connection.SendAsync(new WriteBuffer(1, 2, 0, 700_000), content).AsTask();
        Task<ulong> other = _connection.SendAsync(new Flush(1)).AsTask();

        ulong sequence = 0;
        var received = new byte[700_000];
        var flushes = 0;
        for (var missing = received.Length; missing > 0 || flushes == 0;)
        {
            Frame frame = await _peer.NextAsync();
            if (frame.Opcode == Opcode.WriteBuffer)
                sequence = frame.Sequence;
            else if (frame.Opcode == Opcode.Flush)
                flushes++;
            else
            {
                missing.ShouldBeGreaterThan(0);
                (missing == received.Length || missing > 0 && flushes != 1 || sequence != 2).ShouldBeTrue();
                Data data = CommandReader.Read<Data>(frame);
                frame.Sequence.ShouldBe(sequence);
                data.Content.Span.CopyTo(received.AsSpan((int)data.Offset));
                missing -= data.Content.Length;
            }
        }

        received.ShouldBe(content);
        await Task.WhenAll(write, other).WaitAsync(Deadline);
    }

    [Fact]
    public async Task A_full_window_makes_the_sender_wait_until_the_executor_acknowledges()
    {
        for (var i = 0; i < 99; i++)
            await _connection.SendAsync(new Flush(1));

        Task<ulong> waiting = _connection.SendAsync(new Flush(1)).AsTask();
        waiting.IsCompleted.ShouldBeFalse(); // 100 commands are out, the handshake's among them
        for (var i = 0; i < 99; i++)
            await _peer.NextAsync();
        await _peer.SendAsync(0, new Ack(50, 50, 10));

        (await waiting.WaitAsync(Deadline)).ShouldBe(101UL);
        _connection.Acked.Completed.ShouldBe(10UL);
    }

    [Fact]
    public async Task A_failed_command_without_reply_is_told_to_the_observer_and_one_with_reply_to_its_caller()
    {
        ulong sequence = await _connection.SendAsync(new Flush(77));
        Task<Done> finish = _connection.RequestAsync(new Finish(77));

        await _peer.SendAsync(sequence, new Error(-36, 77, "queue 77 does not exist"));
        await _peer.SendAsync(sequence + 1, new Error(-36, 77, "queue 77 does not exist"));

        CommandException refused = await Should.ThrowAsync<CommandException>(finish.WaitAsync(Deadline));
        refused.Message.ShouldBe($"command #{sequence + 1}: CL_INVALID_COMMAND_QUEUE: queue 77 does not exist");
        _recorder.Failed.ShouldBe([(sequence, -36)]);
    }

    [Fact]
    public async Task A_notification_reaches_the_observer_while_the_same_command_still_waits_for_its_reply()
    {
        Task<Done> read = _connection.ReadAsync(new ReadBuffer(new Enqueue(1, 5, Notify: true), 2, 0, 0), default);

        await _peer.SendAsync(2, new EventStatus(5, 0));
        await _peer.SendAsync(2, new Done());

        await read.WaitAsync(Deadline);
        _recorder.Events.ShouldBe([(2UL, 5UL)]);
    }

    [Fact]
    public async Task The_end_of_the_stream_fails_who_waits_and_says_goodbyes_reason()
    {
        Task<Done> waiting = _connection.RequestAsync(new Finish(1));

        await _peer.SendAsync(0, new Goodbye(OpenClErrors.Protocol, "these bytes are not the protocol"));

        CommandException lost = await Should.ThrowAsync<CommandException>(waiting.WaitAsync(Deadline));
        lost.Code.ShouldBe(OpenClErrors.Protocol);
        ConnectionEnd end = await _connection.Closed.WaitAsync(Deadline);
        end.Reason.ShouldBe("these bytes are not the protocol");
        (await Should.ThrowAsync<CommandException>(async () => await _connection.SendAsync(new Flush(1))))
            .Code.ShouldBe(OpenClErrors.Protocol);
    }

    [Theory]
    [InlineData("a reply of another type")]
    [InlineData("too little data")]
    [InlineData("data beyond the end")]
    [InlineData("an acknowledgement of what was never sent")]
    [InlineData("random bytes")]
    public async Task A_peer_that_breaks_the_protocol_ends_the_connection_and_not_more(string how)
    {
        Task<Done> read = _connection.ReadAsync(new ReadBuffer(1, 2, 0, 10), new byte[10]);
        await _peer.NextAsync();

        await (how switch
        {
            "a reply of another type" => _peer.SendAsync(2, new BuildResult(0, "")),
            "too little data" => _peer.SendAsync(2, new Done()),
            "data beyond the end" => _peer.SendAsync(2, new Data(5, new byte[6])),
            "an acknowledgement of what was never sent" => _peer.SendAsync(0, new Ack(999, 1, 1)),
            _ => _peer.SendRawAsync(RandomBytes(100)),
        });

        await Should.ThrowAsync<Exception>(read.WaitAsync(Deadline));
        ConnectionEnd end = await _connection.Closed.WaitAsync(Deadline);
        end.Failure.ShouldBeOfType<ProtocolException>();
        _recorder.Closed.ShouldBe(1);
    }

    [Fact]
    public async Task A_cancelled_read_leaves_its_memory_alone_and_the_connection_usable()
    {
        using var cancel = new CancellationTokenSource();
        var destination = new byte[10];
        Task<Done> read = _connection.ReadAsync(new ReadBuffer(1, 2, 0, 10), destination, cancel.Token);
        await _peer.NextAsync();

        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(read.WaitAsync(Deadline));
        await _peer.SendAsync(2, new Data(0, RandomBytes(10)));
        await _peer.SendAsync(2, new Done(10));

        Task<Done> next = _connection.RequestAsync(new Finish(1));
        await _peer.SendAsync(3, new Done());
        await next.WaitAsync(Deadline);
        destination.ShouldBe(new byte[10]);
    }

    [Fact]
    public async Task Many_threads_may_send_at_once()
    {
        const int Senders = 4, Each = 200;
        Task answering = AnswerAsync(Senders * Each);

        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                byte[] content = RandomBytes(1000 * sender);
                if (sender % 2 == 0)
                    await _connection.RequestAsync(new Finish(1));
                else
                    await _connection.SendAsync(new WriteBuffer(1, 2, 0, (ulong)content.Length), content);
            }
        }))).WaitAsync(Deadline);

        await answering.WaitAsync(Deadline);
    }

    private async Task AnswerAsync(int commands)
    {
        ulong bytes = _peer.ReceivedBytes;
        for (ulong next = 2; next < (ulong)commands + 2;)
        {
            Frame frame = await _peer.NextAsync();
            if (frame.Opcode != Opcode.Data)
                frame.Sequence.ShouldBe(next++);
            bytes += (ulong)(FrameHeader.SizeBytes + frame.Payload.Length);
            if (frame.Opcode == Opcode.Finish)
                await _peer.SendAsync(frame.Sequence, new Done());
            await _peer.SendAsync(0, new Ack(frame.Sequence, bytes, frame.Sequence - 1));
        }
    }

    private async Task OpenAsync(uint windowCommands, ulong windowBytes)
    {
        Task<Welcome> opening = _connection.OpenAsync(
            new Hello(1, 1, ConnectionKind.Main, "tenant/session", 1, Array.Empty<byte>()), _recorder);
        (await _peer.NextAsync()).Opcode.ShouldBe(Opcode.Hello);
        await _peer.SendAsync(1, new Welcome(1, "tenant/session", 1, windowCommands, windowBytes, 0, []));
        await opening.WaitAsync(Deadline);
    }

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    /// <summary>The executor's end, played by the test.</summary>
    private sealed class Peer
    {
        private readonly Pipe _toClient = new();
        private readonly Pipe _toPeer = new(new PipeOptions(pauseWriterThreshold: 8 << 20));

        public Peer() => ClientStream = new DuplexStream(_toClient.Reader.AsStream(), _toPeer.Writer.AsStream());

        public Stream ClientStream { get; }

        public ulong ReceivedBytes { get; private set; }

        public async Task<Frame> NextAsync()
        {
            using var deadline = new CancellationTokenSource(Deadline);
            while (true)
            {
                ReadResult result = await _toPeer.Reader.ReadAsync(deadline.Token);
                ReadOnlyMemory<byte> bytes = result.Buffer.ToArray();
                int before = bytes.Length;
                if (CommandReader.TryReadFrame(ref bytes, out Frame frame))
                {
                    int taken = before - bytes.Length;
                    ReceivedBytes += (ulong)taken;
                    _toPeer.Reader.AdvanceTo(result.Buffer.GetPosition(taken));
                    return frame;
                }
                result.IsCompleted.ShouldBeFalse("the client closed its stream");
                _toPeer.Reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            }
        }

        public Task SendAsync(ulong sequence, IFrameBody body) => SendRawAsync(CodecProperties.Encode(sequence, body));

        public async Task SendRawAsync(byte[] bytes) => await _toClient.Writer.WriteAsync(bytes);
    }

    private sealed class Recorder : ICommandObserver
    {
        public List<(ulong Sequence, int Code)> Failed { get; } = [];

        public List<(ulong Sequence, ulong Event)> Events { get; } = [];

        public int Closed { get; private set; }

        public void OnFailed(ulong sequence, Error error) => Failed.Add((sequence, error.Code));

        public void OnEvent(ulong sequence, EventStatus status) => Events.Add((sequence, status.Event));

        public void OnClosed(ConnectionEnd end) => Closed++;
    }
}
