using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Commands.Rings;

namespace GpuActors.Shared.Tests.Commands;

public class RingProperties
{
    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, int.MaxValue - 1).ToArbitrary();

    [Fact]
    public void What_is_read_is_what_was_written_whatever_the_sizes_and_however_often_the_ring_wraps() =>
        Prop.ForAll(Seeds, seed =>
        {
            using var memory = new Memory(RingMemory.MinRingBytes);
            var (reader, writer) = (memory.Executor.FromClient, memory.Client.ToExecutor);
            var random = new Random(seed);
            byte[] content = new byte[random.Next(1, 20 * RingMemory.MinRingBytes)];
            random.NextBytes(content);
            var read = new List<byte>();
            for (int sent = 0; read.Count < content.Length;)
            {
                int room = writer.Room;
                int wanted = random.Next(0, content.Length - sent + 1);
                int written = Write(writer, content.AsSpan(sent, wanted));
                written.ShouldBe(Math.Min(wanted, room));
                sent += written;
                byte[] part = new byte[random.Next(1, 2 * RingMemory.MinRingBytes)];
                int taken = Read(reader, part);
                taken.ShouldBe(Math.Min(part.Length, sent - read.Count));
                read.AddRange(part.AsSpan(0, taken));
                reader.HasBytes.ShouldBe(read.Count < sent);
            }
            read.ShouldBe(content);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task Two_threads_pass_on_all_bytes_and_none_sleeps_while_there_is_work()
    {
        using var memory = new Memory(RingMemory.MinRingBytes);
        byte[] content = new byte[8 << 20];
        new Random(5).NextBytes(content);
        byte[] read = new byte[content.Length];
        using var bell = new SemaphoreSlim(0);
        using var room = new SemaphoreSlim(0);

        Task writing = Task.Run(() => WriteAll(memory.Client.ToExecutor, content, bell, room));
        Task reading = Task.Run(() => ReadAll(memory.Executor.FromClient, read, bell, room));
        await Task.WhenAll(writing, reading).WaitAsync(TimeSpan.FromMinutes(1));

        read.AsSpan().SequenceEqual(content).ShouldBeTrue();
    }

    [Fact]
    public unsafe void Positions_that_cannot_be_are_refused_by_both_ends() =>
        Prop.ForAll(Seeds, seed =>
        {
            using var memory = new Memory(RingMemory.MinRingBytes);
            var random = new Random(seed);
            Write(memory.Client.ToExecutor, new byte[random.Next(0, RingMemory.MinRingBytes)]);
            uint wrong = (uint)random.NextInt64(RingMemory.MinRingBytes + 1L, (1L << 32) - RingMemory.MinRingBytes);

            *memory.WrittenToExecutor = wrong;
            Should.Throw<ProtocolException>(() => Read(memory.Executor.FromClient, new byte[16]));
            *memory.ReadByClient = wrong;
            Should.Throw<ProtocolException>(() => Write(memory.Executor.ToClient, new byte[16]));
            Should.Throw<ProtocolException>(() => memory.Executor.ToClient.MaySleep());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public unsafe void Random_words_move_no_byte_outside_the_rings() =>
        Prop.ForAll(Seeds, seed =>
        {
            using var memory = new Memory(RingMemory.MinRingBytes);
            var random = new Random(seed);
            for (var i = 0; i < 50; i++)
            {
                memory.Control[random.Next(256)] = (uint)random.NextInt64(1L << 32);
                try
                {
                    Write(memory.Executor.ToClient, new byte[random.Next(1, 3 * RingMemory.MinRingBytes)]);
                    Read(memory.Executor.FromClient, new byte[random.Next(1, 3 * RingMemory.MinRingBytes)]);
                    memory.Executor.FromClient.TakeSleepingWriter();
                    memory.Executor.ToClient.TakeSleepingReader();
                }
                catch (ProtocolException)
                {
                    // That ends the session of who wrote the words.
                }
            }
            memory.IsIntactAround.ShouldBeTrue();
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_sleeping_reader_is_to_be_woken_once_and_a_sleeping_writer_when_it_is_worth_it()
    {
        using var memory = new Memory(RingMemory.MinRingBytes);
        var (reader, writer) = (memory.Executor.FromClient, memory.Client.ToExecutor);
        writer.TakeSleepingReader().ShouldBeFalse();
        reader.MaySleep().ShouldBeTrue();
        Write(writer, new byte[writer.Size]).ShouldBe(writer.Size);
        writer.TakeSleepingReader().ShouldBeTrue();
        writer.TakeSleepingReader().ShouldBeFalse();
        reader.MaySleep().ShouldBeFalse();

        reader.TakeSleepingWriter().ShouldBeFalse();
        writer.MaySleep().ShouldBeTrue();
        Read(reader, new byte[16]);
        reader.TakeSleepingWriter().ShouldBeFalse();
        Read(reader, new byte[writer.Size / 4]);
        reader.TakeSleepingWriter().ShouldBeTrue();
        reader.TakeSleepingWriter().ShouldBeFalse();
        writer.MaySleep().ShouldBeFalse();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    [InlineData(4096 + (2 * 5000))]
    [InlineData(4096 + (2L << 30))]
    [InlineData(-1)]
    public void Memory_of_another_size_is_no_ring(long bytes) => RingMemory.RingBytesOf(bytes).ShouldBeNull();

    private static unsafe int Write(RingWriter writer, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            var written = 0;
            for (int step = 1; step > 0 && written < bytes.Length; written += step)
                step = writer.Write(start + written, (nuint)(bytes.Length - written));
            return written;
        }
    }

    private static unsafe int Read(RingReader reader, Span<byte> into)
    {
        fixed (byte* start = into)
        {
            var read = 0;
            for (int step = 1; step > 0 && read < into.Length; read += step)
                step = reader.Read(start + read, into.Length - read);
            return read;
        }
    }

    private static unsafe void WriteAll(RingWriter writer, byte[] content, SemaphoreSlim bell, SemaphoreSlim room)
    {
        for (var at = 0; at < content.Length;)
        {
            int written;
            fixed (byte* start = content)
                written = writer.Write(start + at, (nuint)Math.Min(content.Length - at, 1 + (at % 3000)));
            at += written;
            if (written > 0 && writer.TakeSleepingReader())
                bell.Release();
            if (written == 0 && writer.MaySleep())
                room.Wait();
        }
    }

    private static unsafe void ReadAll(RingReader reader, byte[] into, SemaphoreSlim bell, SemaphoreSlim room)
    {
        for (var at = 0; at < into.Length;)
        {
            int read;
            fixed (byte* start = into)
                read = reader.Read(start + at, Math.Min(into.Length - at, 1 + (at % 5000)));
            at += read;
            if (read > 0 && reader.TakeSleepingWriter())
                room.Release();
            if (read == 0 && reader.MaySleep())
                bell.Wait();
        }
    }

    /// <summary>Memory with two rings, and bytes around them that nobody may touch.</summary>
    private sealed unsafe class Memory : IDisposable
    {
        private const int Around = 4096;
        private const byte Untouched = 0x5A;

        private readonly byte* _start;
        private readonly int _bytes;

        public Memory(int ringBytes)
        {
            _bytes = (int)RingMemory.BytesFor(ringBytes);
            RingMemory.RingBytesOf(_bytes).ShouldBe(ringBytes);
            _start = (byte*)NativeMemory.Alloc((nuint)(_bytes + (2 * Around)));
            new Span<byte>(_start, _bytes + (2 * Around)).Fill(Untouched);
            new Span<byte>(_start + Around, _bytes).Clear();
            Client = RingMemory.OpenAsClient(_start + Around, ringBytes);
            Executor = RingMemory.OpenAsExecutor(_start + Around, ringBytes);
        }

        public (RingReader FromExecutor, RingWriter ToExecutor) Client { get; }

        public (RingReader FromClient, RingWriter ToClient) Executor { get; }

        public uint* Control => (uint*)(_start + Around);

        public uint* WrittenToExecutor => Control;

        public uint* ReadByClient => Control + ((512 + 256) / sizeof(uint));

        public bool IsIntactAround =>
            !new Span<byte>(_start, Around).ContainsAnyExcept(Untouched)
            && !new Span<byte>(_start + Around + _bytes, Around).ContainsAnyExcept(Untouched);

        public void Dispose() => NativeMemory.Free(_start);
    }
}
