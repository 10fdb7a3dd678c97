using System.Buffers;
using System.Text;
using System.Text.Json.Serialization;
using FsCheck;
using FsCheck.Fluent;
using GpuActors.Actors.Serialization;
using GpuActors.Actors.TestKit;

namespace GpuActors.Actors.Tests.Local;

public sealed partial class SerializationTests : TestKit.TestKit
{
    public SerializationTests() => Sys.Serialization.Register("order", TestJson.Default.Order);

    [Fact]
    public void A_registered_message_comes_back_equal_also_in_pieces()
    {
        var order = new Order("job", [1, 2, 3], TestActor);
        var buffer = new ArrayBufferWriter<byte>();

        Sys.Serialization.Serialize(order, buffer).ShouldBe("order");

        var whole = (Order)Sys.Serialization.Deserialize("order", new ReadOnlySequence<byte>(buffer.WrittenMemory));
        whole.Name.ShouldBe("job");
        whole.Numbers.ShouldBe([1, 2, 3]);
        whole.ReplyTo.ShouldBe(TestActor);
        var pieces = (Order)Sys.Serialization.Deserialize("order", InPieces(buffer.WrittenSpan.ToArray()));
        pieces.Numbers.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void A_ref_to_an_actor_that_is_gone_leads_to_dead_letters()
    {
        var actor = ActorOf(Act.Of(_ => { }));
        var buffer = new ArrayBufferWriter<byte>();
        Sys.Serialization.Serialize(new Order("", [], actor), buffer);
        Await(actor.GracefulStop(TimeSpan.FromSeconds(5)));

        var read = (Order)Sys.Serialization.Deserialize("order", new ReadOnlySequence<byte>(buffer.WrittenMemory));

        EventFilter.DeadLetter<string>().ExpectOne(() => read.ReplyTo!.Tell("hello"));
    }

    [Fact]
    public void An_unregistered_type_is_refused() =>
        Should.Throw<SerializationException>(
            () => Sys.Serialization.Serialize(new Version(1, 0), new ArrayBufferWriter<byte>()))
            .Message.ShouldContain("System.Version");

    [Fact]
    public void An_unknown_manifest_is_refused() =>
        Should.Throw<SerializationException>(() => Sys.Serialization.Deserialize("nothing", new("{}"u8.ToArray())))
            .Message.ShouldContain("'nothing'");

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"Name":"a","Numbers":[1],"ReplyTo":"nonsense"}""")]
    [InlineData("""{"Name":"a","Numbers":["x"]}""")]
    [InlineData("""{"Name":"a","Numbers":[]} {}""")]
    public void Malformed_bytes_are_refused_with_the_manifest(string json) =>
        Should.Throw<SerializationException>(() => Sys.Serialization.Deserialize("order", Encoding.UTF8.GetBytes(json)))
            .Message.ShouldContain("'order'");

    [Fact]
    public void Random_bytes_are_refused_and_nothing_else() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            var error = Record.Exception(() => Sys.Serialization.Deserialize("order", new(bytes)));
            error.ShouldBeOfType<SerializationException>();
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_manifest_names_one_type_and_a_type_has_one_manifest()
    {
        Sys.Serialization.Register("order", TestJson.Default.Order); // again is fine
        Should.Throw<ArgumentException>(() => Sys.Serialization.Register("order", TestJson.Default.Other));
        Should.Throw<ArgumentException>(() => Sys.Serialization.Register("order-2", TestJson.Default.Order));
    }

    [Fact]
    public void Control_messages_travel()
    {
        object[] messages =
        [
            new Identify("id"),
            new ActorIdentity("id", TestActor),
            new ActorIdentity("id", null),
            PoisonPill.Instance,
            Kill.Instance,
            new Status.Success(null),
        ];
        foreach (var message in messages)
        {
            Copy(message).ShouldBe(message);
        }
    }

    [Fact]
    public void A_success_carries_a_registered_value()
    {
        var copy = (Status.Success)Copy(new Status.Success(new Order("inner", [4], null)));

        ((Order)copy.Value!).Numbers.ShouldBe([4]);
    }

    [Fact]
    public void A_failure_carries_type_and_message_however_often_it_travels()
    {
        var once = Copy(new Status.Failure(new IOException("disk")));
        var twice = (Status.Failure)Copy(once);

        var cause = twice.Cause.ShouldBeOfType<RemoteFailureException>();
        cause.TypeName.ShouldBe("System.IO.IOException");
        cause.OriginalMessage.ShouldBe("disk");
    }

    private object Copy(object message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var manifest = Sys.Serialization.Serialize(message, buffer);
        return Sys.Serialization.Deserialize(manifest, new ReadOnlySequence<byte>(buffer.WrittenMemory));
    }

    private static ReadOnlySequence<byte> InPieces(byte[] bytes)
    {
        var first = new Piece(bytes.AsMemory(0, 1), 0);
        var last = first;
        for (var i = 1; i < bytes.Length; i++)
        {
            var next = new Piece(bytes.AsMemory(i, 1), i);
            last.Link(next);
            last = next;
        }

        return new ReadOnlySequence<byte>(first, 0, last, 1);
    }

    internal sealed record Order(string Name, int[] Numbers, IActorRef? ReplyTo);

    internal sealed record Other(string Name);

    [JsonSerializable(typeof(Order))]
    [JsonSerializable(typeof(Other))]
    private sealed partial class TestJson : JsonSerializerContext;

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public void Link(Piece next) => Next = next;
    }
}
