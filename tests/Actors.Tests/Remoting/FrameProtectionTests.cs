using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using GpuActors.Actors.Remoting.Wire;

namespace GpuActors.Actors.Tests.Remoting;

public class FrameProtectionTests
{
    static readonly byte[] Key = [.. Enumerable.Range(0, AesGcmFrame.KeyBytes).Select(i => (byte)i)];

    [Fact]
    public void Sealed_frames_open_in_order_however_the_bytes_are_cut()
    {
        Prop.ForAll(
            ArbMap.Default.ArbFor<byte[]>().Filter(b => b.Length > 0).Generator.ListOf().ToArbitrary(),
            Gen.Choose(1, 40).ToArbitrary(),
            (frames, cut) =>
            {
                using var sealer = new AesGcmFrameSealer(Key);
                using var opener = new AesGcmFrameOpener(Key);
                foreach (var plain in frames)
                {
                    opener.Open(Frame(sealer, plain, cut)).ToArray().ShouldBe(plain);
                }
            }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_frame_with_any_bit_changed_does_not_open()
    {
        for (var bit = 0; bit < (5 + AesGcmFrame.TagBytes) * 8; bit++)
        {
            using var sealer = new AesGcmFrameSealer(Key);
            using var opener = new AesGcmFrameOpener(Key);
            var frame = Frame(sealer, [1, 2, 3, 4, 5], 1000).ToArray();
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
            Should.Throw<WireFormatException>(() => opener.Open(new ReadOnlySequence<byte>(frame)));
        }
    }

    [Fact]
    public void A_frame_that_is_repeated_or_left_out_does_not_open()
    {
        using var sealer = new AesGcmFrameSealer(Key);
        var first = Frame(sealer, [1], 1000);
        var second = Frame(sealer, [2], 1000);
        using var repeating = new AesGcmFrameOpener(Key);
        repeating.Open(first).ToArray().ShouldBe([1]);
        Should.Throw<WireFormatException>(() => repeating.Open(first));
        using var skipping = new AesGcmFrameOpener(Key);
        Should.Throw<WireFormatException>(() => skipping.Open(second));
    }

    [Fact]
    public void What_is_sealed_cannot_be_read_on_the_wire()
    {
        using var sealer = new AesGcmFrameSealer(Key);
        var text = "a rather recognisable message"u8.ToArray();
        Frame(sealer, text, 1000).ToArray().AsSpan().IndexOf(text.AsSpan(0, 6)).ShouldBe(-1);
    }

    static ReadOnlySequence<byte> Frame(AesGcmFrameSealer sealer, byte[] plain, int cut)
    {
        var output = new ArrayBufferWriter<byte>();
        sealer.Seal(plain, output);
        var bytes = Segments.Cut(output.WrittenSpan, cut);
        FrameCodec.TryRead(ref bytes, 1_000_000, out var frame, out _).ShouldBe(FrameStatus.Complete);
        return frame;
    }
}
