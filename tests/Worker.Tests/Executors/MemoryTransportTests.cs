using System.Net.Sockets;
using GpuActors.Shared.Commands;
using GpuActors.Worker.Executors.Engine;
using GpuActors.Worker.Tests.Pool;

namespace GpuActors.Worker.Tests.Executors;

/// <summary>The executor's end of shared memory, against clients that behave and clients that do not.</summary>
public sealed class MemoryTransportTests
{
    private const int RingBytes = 16 << 10;

    [Fact]
    public async Task Megabytes_go_both_ways_at_once_through_rings_of_kibibytes()
    {
        using var pair = new Pair();
        using MemoryClient client = await pair.TakeOfferAsync();
        byte[] up = Content(1), down = Content(2);

        Task<byte[]> received = Run(() => pair.Receive(up.Length));
        Task<byte[]> heard = Run(() => client.Receive(down.Length));
        Task sending = Run(() => pair.SendAll(down));
        Task saying = Run(() => client.SendAll(up));
        await Task.WhenAll(received, heard, sending, saying).WithDeadline("all bytes");

        (await received).AsSpan().SequenceEqual(up).ShouldBeTrue();
        (await heard).AsSpan().SequenceEqual(down).ShouldBeTrue();
    }

    [Fact]
    public async Task A_client_that_does_not_take_the_offer_is_served_over_its_socket()
    {
        using var pair = new Pair();
        byte[] said = Content(3)[..40_000];
        new FrameHeader(3, Opcode.Query, 0, 1).Write(said); // any first frame but the one

        Task<byte[]> received = Run(() => pair.Receive(said.Length));
        pair.SendAll([1, 2, 3]);
        (await pair.Client.ReceiveAsync(new byte[3])).ShouldBe(3);
        await pair.Client.SendAsync(said);

        (await received.WithDeadline("the bytes")).ShouldBe(said);
        pair.SendAll([4, 5]);
        var answer = new byte[2];
        (await pair.Client.ReceiveAsync(answer)).ShouldBe(2);
        answer.ShouldBe([4, 5]);
    }

    [Fact]
    public async Task A_reader_that_waits_hears_of_the_clients_end_after_its_last_bytes()
    {
        using var pair = new Pair();
        MemoryClient client = await pair.TakeOfferAsync();
        Task<byte[]> first = Run(() => pair.Receive(3));
        client.SendAll([1, 2, 3]);
        (await first.WithDeadline("the first bytes")).ShouldBe([1, 2, 3]);
        Task<byte[]> rest = Run(() => pair.Receive(100));

        client.SendAll([4, 5]);
        client.Dispose();
        pair.Client.Dispose();

        (await rest.WithDeadline("the end")).ShouldBe([4, 5]);
        pair.Receive(1).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_writer_that_waits_for_room_comes_back_when_the_client_or_the_stream_ends(bool clientEnds)
    {
        using var pair = new Pair();
        using MemoryClient client = await pair.TakeOfferAsync();
        Task<nint> sending = Run(() => pair.SendUntilRefused(mayWait: true));
        await Deadlines.Until(() => client.IsFull, "the ring is full");

        if (clientEnds)
            pair.Client.Dispose();
        else
            pair.Transport.ShutDown();

        (await sending.WithDeadline("the writer")).ShouldBe(ClientTransport.Gone);
    }

    [Fact]
    public async Task A_thread_that_may_not_wait_is_told_so_when_the_ring_is_full()
    {
        using var pair = new Pair();
        using MemoryClient client = await pair.TakeOfferAsync();

        pair.SendUntilRefused(mayWait: false).ShouldBe(ClientTransport.WouldBlock);
        client.IsFull.ShouldBeTrue();
    }

    [Fact]
    public async Task Positions_that_cannot_be_end_the_stream_for_reader_and_writer()
    {
        using var pair = new Pair();
        using MemoryClient client = await pair.TakeOfferAsync();
        Task<byte[]> reading = Run(() => pair.Receive(1));

        client.Spoil(uint.MaxValue / 2);
        pair.Client.Send([0]); // the bell, for the reader sleeps

        await Should.ThrowAsync<ProtocolException>(() => reading.WithDeadline("the reader"));
        pair.SendUntilRefused(mayWait: true).ShouldBe(ClientTransport.Gone);
    }

    [Fact]
    public async Task Its_memory_cannot_be_cut_off_and_is_gone_after_it()
    {
        int before = MappedRings();
        using (var pair = new Pair())
        {
            using MemoryClient client = await pair.TakeOfferAsync();
            client.TryCutOff().ShouldBeFalse();
            MappedRings().ShouldBe(before + 2); // both ends are in this process
        }

        MappedRings().ShouldBe(before);
    }

    private static int MappedRings() =>
        File.ReadLines("/proc/self/maps").Count(line => line.Contains("gpuactors-rings", StringComparison.Ordinal));

    private static byte[] Content(int seed)
    {
        var content = new byte[3_000_001];
        new Random(seed).NextBytes(content);
        return content;
    }

    private static Task Run(Action action) => Task.Factory.StartNew(
        action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static Task<T> Run<T>(Func<T> action) => Task.Factory.StartNew(
        action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>The transport, and the socket of its client.</summary>
    private sealed class Pair : IDisposable
    {
        public Pair()
        {
            (Socket server, Client) = Connect();
            int descriptor = (int)server.Handle;
            server.SafeHandle.SetHandleAsInvalid(); // the transport closes it
            Transport = new MemoryTransport(
                new SocketTransport(descriptor), SharedMemory.TryCreate(RingBytes).ShouldNotBeNull());
        }

        public Socket Client { get; }

        public MemoryTransport Transport { get; }

        public async Task<MemoryClient> TakeOfferAsync()
        {
            SendAll([42]);
            Task<byte[]> receiving = Run(() => Receive(1)); // looks at the first frame
            MemoryClient client = MemoryClient.TakeOffer(Client, out byte[] welcome, 1);
            welcome.ShouldBe([42]);
            client.SendAll([43]);
            (await receiving.WithDeadline("the first byte through the ring")).ShouldBe([43]);
            return client;
        }

        public unsafe byte[] Receive(int bytes)
        {
            var received = new byte[bytes];
            fixed (byte* start = received)
            {
                for (var at = 0; at < bytes;)
                {
                    int read = Transport.Receive(start + at, bytes - at);
                    if (read == 0)
                        return received[..at];
                    at += read;
                }
            }

            return received;
        }

        public unsafe void SendAll(byte[] bytes)
        {
            fixed (byte* start = bytes)
            {
                for (nint at = 0; at < bytes.Length;)
                {
                    var vector = new Libc.IoVector { Start = start + at, Length = (nuint)(bytes.Length - at) };
                    nint sent = Transport.Send(&vector, 1, mayWait: true);
                    sent.ShouldBeGreaterThan(0);
                    at += sent;
                }
            }
        }

        public unsafe nint SendUntilRefused(bool mayWait)
        {
            byte* bytes = stackalloc byte[1000];
            var vector = new Libc.IoVector { Start = bytes, Length = 1000 };
            nint sent;
            while ((sent = Transport.Send(&vector, 1, mayWait)) > 0)
            {
            }

            return sent;
        }

        public void Dispose()
        {
            Client.Dispose();
            Transport.Dispose();
        }

        private static (Socket Server, Socket Client) Connect()
        {
            string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            client.Connect(new UnixDomainSocketEndPoint(path));
            Socket server = listener.Accept();
            File.Delete(path);
            return (server, client);
        }
    }
}
