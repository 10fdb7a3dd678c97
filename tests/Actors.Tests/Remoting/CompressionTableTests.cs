using FsCheck;
using FsCheck.Fluent;
using GpuActors.Actors.Remoting.Wire;

namespace GpuActors.Actors.Tests.Remoting;

public class CompressionTableTests
{
    [Fact]
    public void Texts_survive_any_order_of_use_also_when_there_are_more_than_slots()
    {
        Prop.ForAll(Gen.Choose(0, 20).ListOf().ToArbitrary(), uses =>
        {
            var outbound = new OutboundTable<string>(slots: 8);
            var inbound = new InboundTable<string>(slots: 8, maxTextBytes: 100, text => text);
            foreach (var text in uses.Select(number => $"/user/{number}"))
            {
                var buffer = new WireBuffer(1000);
                if (!outbound.TryWrite(buffer, text))
                {
                    outbound.Define(buffer, text, text);
                }

                var reader = new WireReader(buffer.WrittenSpan);
                inbound.Read(ref reader).ShouldBe(text);
                reader.Remaining.ShouldBe(0);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_text_that_returns_costs_one_byte()
    {
        var table = new OutboundTable<string>(slots: 8);
        var buffer = new WireBuffer(1000);
        table.Define(buffer, "/user/worker", "/user/worker");
        var defined = buffer.Count;
        table.TryWrite(buffer, "/user/worker").ShouldBeTrue();
        buffer.Count.ShouldBe(defined + 1);
    }

    [Theory]
    [InlineData(new byte[] { 3 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x0F })]
    [InlineData(new byte[] { 2, 8, 1, 65 })]
    [InlineData(new byte[] { 2, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1, 65 })]
    public void Slots_that_are_not_there_are_refused(byte[] bytes)
    {
        Should.Throw<WireFormatException>(() =>
        {
            var reader = new WireReader(bytes);
            new InboundTable<string>(slots: 8, maxTextBytes: 100, text => text).Read(ref reader);
        });
    }
}
