using FsCheck;
using FsCheck.Fluent;
using GpuActors.Actors.Remoting.Wire;

namespace GpuActors.Actors.Tests.Remoting;

public class WireFieldTests
{
    [Fact]
    public void Every_number_and_text_is_read_as_written()
    {
        Prop.ForAll<uint, ulong, NonNull<string>>((number, wide, text) =>
        {
            var valid = string.Concat(text.Get.Where(c => !char.IsSurrogate(c)));
            var buffer = new WireBuffer(1_000_000);
            buffer.WriteVarUInt(number);
            buffer.WriteUInt64(wide);
            buffer.WriteString(valid);
            var reader = new WireReader(buffer.WrittenSpan);
            reader.ReadVarUInt().ShouldBe(number);
            reader.ReadUInt64().ShouldBe(wide);
            reader.ReadString(1_000_000).ShouldBe(valid);
            reader.Remaining.ShouldBe(0);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_largest_number_takes_five_bytes_and_a_longer_one_is_refused()
    {
        var buffer = new WireBuffer(100);
        buffer.WriteVarUInt(uint.MaxValue);
        buffer.Count.ShouldBe(5);
        new WireReader(buffer.WrittenSpan).ReadVarUInt().ShouldBe(uint.MaxValue);
        Should.Throw<WireFormatException>(
            () => new WireReader([0xFF, 0xFF, 0xFF, 0xFF, 0x1F]).ReadVarUInt());
    }

    [Fact]
    public void Fields_beyond_the_end_are_refused()
    {
        Should.Throw<WireFormatException>(() => new WireReader([5, 1, 2]).ReadString(100));
        Should.Throw<WireFormatException>(() => new WireReader([1, 2]).ReadUInt64());
        Should.Throw<WireFormatException>(() => new WireReader([0x80]).ReadVarUInt());
    }

    [Fact]
    public void A_text_must_be_Utf8_and_no_longer_than_allowed()
    {
        Should.Throw<WireFormatException>(() => new WireReader([1, 0xFF]).ReadString(100));
        Should.Throw<WireFormatException>(() => new WireReader([3, 65, 66, 67]).ReadString(2))
            .Message.ShouldContain("at most 2");
    }

    [Fact]
    public void A_message_that_is_too_long_is_refused_while_it_is_written()
    {
        var buffer = new WireBuffer(10);
        Should.Throw<FrameTooLongException>(() => buffer.WriteBytes(new byte[11]));
        Should.Throw<FrameTooLongException>(() => buffer.GetSpan(1_000_000));
    }
}
