using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using GpuActors.Actors.Remoting.Wire;

namespace GpuActors.Actors.Tests.Remoting;

public class FrameCodecTests
{
    const int Limit = 1000;

    [Fact]
    public void Frames_come_out_as_they_went_in_however_the_bytes_are_cut()
    {
        var frames = Gen.Choose(1, 200).Select(n => Enumerable.Range(0, n).Select(i => (byte)(i * n)).ToArray())
            .ListOf();
        Prop.ForAll(frames.ToArbitrary(), Gen.Choose(1, 50).ToArbitrary(), (written, cut) =>
        {
            var output = new ArrayBufferWriter<byte>();
            foreach (var frame in written)
            {
                FrameCodec.Write(output, frame);
            }

            var rest = Segments.Cut(output.WrittenSpan, cut);
            var read = new List<byte[]>();
            while (FrameCodec.TryRead(ref rest, Limit, out var frame, out _) == FrameStatus.Complete)
            {
                read.Add(frame.ToArray());
            }

            read.Select(Convert.ToHexString).ShouldBe(written.Select(Convert.ToHexString));
            rest.IsEmpty.ShouldBeTrue();
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_truncated_frame_is_waited_for_and_consumes_nothing()
    {
        var output = new ArrayBufferWriter<byte>();
        FrameCodec.Write(output, new byte[100]);
        for (var length = 0; length < output.WrittenCount; length++)
        {
            var bytes = new ReadOnlySequence<byte>(output.WrittenMemory[..length]);
            FrameCodec.TryRead(ref bytes, Limit, out _, out _).ShouldBe(FrameStatus.Incomplete);
            bytes.Length.ShouldBe(length);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0x40 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0xE9, 0x03, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0 })]
    public void A_length_of_nothing_or_beyond_the_limit_is_refused_from_the_header_alone(byte[] header)
    {
        var bytes = new ReadOnlySequence<byte>(header);
        FrameCodec.TryRead(ref bytes, Limit, out _, out var claimed).ShouldBe(FrameStatus.Refused);
        claimed.ShouldBe(BitConverter.ToUInt32(header));
    }

    [Fact]
    public void Garbage_never_throws()
    {
        Prop.ForAll<byte[]>(garbage =>
        {
            var bytes = new ReadOnlySequence<byte>(garbage);
            while (FrameCodec.TryRead(ref bytes, Limit, out _, out _) == FrameStatus.Complete)
            {
            }
        }).QuickCheckThrowOnFailure();
    }
}
