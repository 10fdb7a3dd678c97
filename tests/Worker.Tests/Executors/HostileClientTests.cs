using System.Buffers;
using System.Diagnostics;
using System.Net.Sockets;
using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Tests.Executors;

/// <summary>What an executor does with bytes that no client of ours would send: it says so and ends, in order.</summary>
[Collection(ExecutorCollection.Name)]
public class HostileClientTests
{
    private const int ProtocolExit = 76;

    public static TheoryData<string> Attacks =>
    [
        "random bytes", "a frame of 1 GiB", "an unknown opcode", "a command before a session", "a skipped number",
        "data that nobody announced", "too much data", "a truncated payload", "a reply", "a repeated number",
        "half a frame and the end",
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Bytes_that_are_not_the_protocol_end_the_executor_in_order(string attack)
    {
        await using RawExecutor executor = await RawExecutor.StartAsync();

        await executor.SendAsync(Make(attack));
        if (attack == "half a frame and the end")
        {
            executor.CloseSending();
            (await executor.ExitCodeAsync()).ShouldBeOneOf(77, 0); // the worker is gone: nothing to say to nobody
            return;
        }

        Goodbye goodbye = await executor.GoodbyeAsync();
        goodbye.Code.ShouldBe(OpenClErrors.Protocol);
        goodbye.Text.ShouldNotBeEmpty();
        (await executor.ExitCodeAsync()).ShouldBe(ProtocolExit);
    }

    [Fact]
    public async Task Well_formed_nonsense_is_refused_and_the_session_goes_on()
    {
        await using RawExecutor executor = await RawExecutor.StartAsync();
        var output = new ArrayBufferWriter<byte>();
        ulong sequence = 0;
        CommandWriter.Write(output, ++sequence, Open());
        var random = new Random(5);
        var nonsense = new Nonsense(random);
        for (var i = 0; i < 3000; i++)
            nonsense.Write(output, ref sequence);
        CommandWriter.Write(output, ++sequence, new Query(QueryKind.Session, 0));

        Task sending = executor.SendAsync(output.WrittenSpan.ToArray());
        Frame answer = await executor.NextAsync(frame => frame.Opcode == Opcode.Info);

        await sending;
        answer.Sequence.ShouldBe(sequence);
    }

    private static byte[] Make(string attack)
    {
        var output = new ArrayBufferWriter<byte>();
        switch (attack)
        {
            case "random bytes":
                var bytes = new byte[5000];
                new Random(7).NextBytes(bytes);
                return bytes;
            case "a frame of 1 GiB":
                return [0, 0, 0, 0x40, 1, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
            case "an unknown opcode":
                return [0, 0, 0, 0, 0xEE, 0xEE, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
            case "a command before a session":
                CommandWriter.Write(output, 1, new Flush(1));
                break;
            case "a skipped number":
                CommandWriter.Write(output, 2, Open());
                break;
            case "a repeated number":
                CommandWriter.Write(output, 1, Open());
                CommandWriter.Write(output, 1, new CreateContext(1, 1));
                break;
            case "data that nobody announced":
                CommandWriter.Write(output, 1, Open());
                CommandWriter.Write(output, 2, new Data(0, new byte[8]));
                break;
            case "too much data":
                CommandWriter.Write(output, 1, Open());
                CommandWriter.Write(output, 2, new CreateProgramWithSource(1, 1, 4));
                CommandWriter.Write(output, 2, new Data(0, new byte[8]));
                break;
            case "a truncated payload":
                CommandWriter.Write(output, 1, Open());
                var header = new byte[FrameHeader.SizeBytes + 3];
                new FrameHeader(3, Opcode.Finish, 0, 2).Write(header);
                output.Write(header);
                break;
            case "a reply":
                CommandWriter.Write(output, 1, Open());
                CommandWriter.Write(output, 2, new Done());
                break;
            default:
                return [8, 0, 0, 0, 1, 5];
        }
        return output.WrittenSpan.ToArray();
    }

    private static OpenSession Open() => new("t/s", "t", 1, 1 << 20, 0, "");

    /// <summary>Commands that are well formed and mean nothing: random ids, sizes, flags.</summary>
    private sealed class Nonsense(Random random)
    {
        private ulong Id => (ulong)random.Next(6) is 5 ? ulong.MaxValue : (ulong)random.Next(6);

        private ulong Size => (ulong)(random.Next(5) switch { 0 => 0, 1 => -1, 2 => long.MaxValue, _ => random.Next(5000) });

        private WorkSize Sizes => new(Size, Size, Size);

        private Enqueue Enqueue => new(Id, random.Next(3) == 0 ? Id : 0, random.Next(3) == 0 ? Id : default);

        public void Write(ArrayBufferWriter<byte> output, ref ulong sequence)
        {
            sequence++;
            IFrameBody body = random.Next(24) switch
            {
                0 => new CreateContext(Id, 0x8000_0000_0000_0001),
                1 => new CreateQueue(Id, Id, 0x8000_0000_0000_0001, (QueueFlags)random.Next(4)),
                2 => new CreateBuffer(Id, Id, Size, (MemFlags)random.Next(8)),
                3 => new CreateSubBuffer(Id, Id, Size, Size),
                4 => new CreateImage(
                    Id, Id, new ImageFormat((ChannelOrder)random.Next(0x10B0, 0x10C8), (ChannelType)random.Next(0x10D0, 0x10E2)),
                    new ImageShape((MemObjectType)random.Next(0x10F0, 0x10F8), Sizes, Size, random.Next(2) == 0 ? 0 : Id, Size)),
                5 => new CreateSampler(Id, Id, true, (AddressingMode)random.Next(0x1130, 0x1136), FilterMode.Linear),
                6 => new CreateKernel(Id, Id, "f"),
                7 => new Release(Id),
                8 => new ReadBuffer(Enqueue, Id, Size, Size),
                9 => new CopyBuffer(Enqueue, Id, Id, Size, Size, Size),
                10 => new FillBuffer(Enqueue, Id, Size, Size, new byte[random.Next(129)]),
                11 => new ReadBufferRect(Enqueue, Id, new RectLayout(Sizes, Size, Size), Sizes),
                12 => new CopyBufferRect(Enqueue, Id, Id, new RectLayout(Sizes, Size, Size), default, Sizes),
                13 => new ReadImage(Enqueue, Id, Sizes, Sizes),
                14 => new CopyImage(Enqueue, Id, Id, Sizes, Sizes, Sizes),
                15 => new FillImage(Enqueue, Id, new byte[16], Sizes, Sizes),
                16 => new CopyImageToBuffer(Enqueue, Id, Id, Sizes, Sizes, Size),
                17 => new CopyBufferToImage(Enqueue, Id, Id, Size, Sizes, Sizes),
                18 => new EnqueueMarker(Enqueue),
                19 => new LaunchKernel(Enqueue, Id, 3, Sizes, new[] { KernelArgument.Memory(Id) }, Sizes, Sizes),
                20 => new Query((QueryKind)random.Next(16), Id, Id),
                21 => new BuildProgram(Id),
                22 => new QueryEvent(Id),
                _ => new GetImageFormats(Id, (MemFlags)random.Next(8), (MemObjectType)random.Next(0x10F0, 0x10F8)),
            };
            CommandWriter.Write(output, sequence, body);
        }
    }

    /// <summary>An executor process with a bare socket to it.</summary>
    private sealed class RawExecutor : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly NetworkStream _stream;
        private readonly string _folder;

        private RawExecutor(Process process, NetworkStream stream, string folder)
        {
            _process = process;
            _stream = stream;
            _folder = folder;
        }

        public static async Task<RawExecutor> StartAsync()
        {
            string folder = ExecutorFixture.NewRunFolder();
            Directory.CreateDirectory(folder);
            string path = Path.Combine(folder, "s");
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen(1);
            Process process = Process.Start(
                Path.Combine(AppContext.BaseDirectory, "GpuActors.Worker"),
                ["executor", "--socket", path, "--device", ExecutorFixture.Device]);
            Socket socket = await listener.AcceptAsync().WaitAsync(TestSession.Deadline);
            var executor = new RawExecutor(process, new NetworkStream(socket, ownsSocket: true), folder);
            (await executor.NextAsync(_ => true)).Opcode.ShouldBe(Opcode.ExecutorReady);
            return executor;
        }

        public async Task SendAsync(byte[] bytes)
        {
            try
            {
                await _stream.WriteAsync(bytes);
            }
            catch (IOException)
            {
                // It had heard enough and closed.
            }
        }

        public void CloseSending() => _stream.Socket.Shutdown(SocketShutdown.Send);

        public async Task<Goodbye> GoodbyeAsync() =>
            CommandReader.Read<Goodbye>(await NextAsync(frame => frame.Opcode == Opcode.Goodbye));

        public async Task<Frame> NextAsync(Func<Frame, bool> wanted)
        {
            using var deadline = new CancellationTokenSource(TestSession.Deadline);
            while (true)
            {
                var header = new byte[FrameHeader.SizeBytes];
                await _stream.ReadExactlyAsync(header, deadline.Token);
                FrameHeader.TryRead(header, out FrameHeader parsed);
                var payload = new byte[parsed.PayloadBytes];
                await _stream.ReadExactlyAsync(payload, deadline.Token);
                var frame = new Frame(parsed, payload);
                if (wanted(frame))
                    return frame;
                if (frame.Opcode == Opcode.Goodbye)
                    throw new InvalidOperationException(CommandReader.Read<Goodbye>(frame).Text);
            }
        }

        public async Task<int> ExitCodeAsync()
        {
            await _process.WaitForExitAsync().WaitAsync(TestSession.Deadline);
            return _process.ExitCode;
        }

        public async ValueTask DisposeAsync()
        {
            await _stream.DisposeAsync();
            await ExitCodeAsync();
            _process.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
    }
}
