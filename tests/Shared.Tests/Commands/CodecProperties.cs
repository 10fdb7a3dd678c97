using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using GpuActors.Shared.Commands;

namespace GpuActors.Shared.Tests.Commands;

public class CodecProperties
{
    public static TheoryData<Opcode> Opcodes => [.. Enum.GetValues<Opcode>()];

    [Theory]
    [MemberData(nameof(Opcodes))]
    public void Every_frame_reads_back_as_it_was_written(Opcode opcode) =>
        Prop.ForAll(Seeds, seed =>
        {
            IFrameBody body = new BodyGenerator(seed).Make(opcode);
            ulong sequence = new BodyGenerator(seed + 1).U64();
            byte[] written = Encode(sequence, body);

            ReadOnlyMemory<byte> received = written;
            CommandReader.TryReadFrame(ref received, out Frame frame).ShouldBeTrue();
            IFrameBody read = CommandReader.ReadAny(frame);

            received.Length.ShouldBe(0);
            frame.Sequence.ShouldBe(sequence);
            read.GetType().ShouldBe(body.GetType());
            Encode(sequence, read).ShouldBe(written);
            if (opcode is not (Opcode.Welcome or Opcode.Info or Opcode.ProgramDescription or Opcode.ImageFormats))
                read.ShouldBe(body); // those four hold arrays, which compare by reference
        }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(Opcodes))]
    public void A_truncated_payload_is_refused_with_the_name_of_the_frame(Opcode opcode) =>
        Prop.ForAll(Seeds, seed =>
        {
            byte[] written = Encode(7, new BodyGenerator(seed).Make(opcode));
            int payload = written.Length - FrameHeader.SizeBytes;
            if (payload == 0)
                return;
            int kept = new Random(seed).Next(payload);
            var header = new FrameHeader(kept, opcode, 0, 7);

            var frame = new Frame(header, written.AsMemory(FrameHeader.SizeBytes, kept));
            if (opcode is Opcode.Printf or Opcode.Data && kept >= 8 || opcode == Opcode.Printf)
                return; // the rest of the frame is content: any length is right
            Should.Throw<ProtocolException>(() => CommandReader.ReadAny(frame)).Message.ShouldContain($"{opcode} #7");
        }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(Opcodes))]
    public void Flipped_bits_are_read_or_refused_but_never_cost_more_than_the_frame(Opcode opcode) =>
        Prop.ForAll(Seeds, seed =>
        {
            var random = new Random(seed);
            byte[] bytes = Encode(7, new BodyGenerator(seed).Make(opcode));
            for (var i = 0; i < 4; i++)
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            ReadsOrRefuses(bytes);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Random_bytes_are_refused_or_wait_for_more() =>
        Prop.ForAll(Seeds, seed =>
        {
            var bytes = new byte[new Random(seed).Next(3000)];
            new Random(seed).NextBytes(bytes);
            ReadsOrRefuses(bytes);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(Opcodes))]
    public void Random_payloads_are_read_or_refused(Opcode opcode) =>
        Prop.ForAll(Seeds, seed =>
        {
            var random = new Random(seed);
            var bytes = new byte[FrameHeader.SizeBytes + random.Next(400)];
            random.NextBytes(bytes);
            new FrameHeader(bytes.Length - FrameHeader.SizeBytes, opcode, 0, 1).Write(bytes);
            ReadsOrRefuses(bytes);
        }).QuickCheckThrowOnFailure();

    private static Arbitrary<int> Seeds => Gen.Choose(0, int.MaxValue - 1).ToArbitrary();

    internal static byte[] Encode(ulong sequence, IFrameBody body)
    {
        var output = new ArrayBufferWriter<byte>();
        CommandWriter.Write(output, sequence, body).ShouldBe(output.WrittenCount);
        return output.WrittenSpan.ToArray();
    }

    private static void ReadsOrRefuses(byte[] bytes)
    {
        // Objects for decoded entries are several times their wire size at worst; a lie about a length would be far more.
        const long AllowedFactor = 40;
        long before = GC.GetAllocatedBytesForCurrentThread();
        ReadOnlyMemory<byte> received = bytes;
        try
        {
            while (CommandReader.TryReadFrame(ref received, out Frame frame))
                CommandReader.ReadAny(frame);
        }
        catch (ProtocolException exception)
        {
            exception.Message.ShouldNotBeEmpty();
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        allocated.ShouldBeLessThan((bytes.Length * AllowedFactor) + 100_000);
    }
}
