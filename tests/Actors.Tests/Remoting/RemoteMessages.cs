using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json.Serialization;
using GpuActors.Actors.Serialization;

namespace GpuActors.Actors.Tests.Remoting;

/// <summary>What the actors of these tests say to each other.</summary>
sealed record Numbered(int Number);

sealed record Introduce(IActorRef Actor);

sealed record Unregistered(int Number);

sealed record OnlySenderKnows(int Number);

sealed record Explode(string Reason);

sealed record Chunk(byte[] Bytes);

[JsonSerializable(typeof(Numbered))]
[JsonSerializable(typeof(Introduce))]
[JsonSerializable(typeof(OnlySenderKnows))]
[JsonSerializable(typeof(Explode))]
sealed partial class RemoteMessageJson : JsonSerializerContext
{
    public static void RegisterAll(ActorSystem system)
    {
        system.Serialization.Register("numbered", Default.Numbered);
        system.Serialization.Register("introduce", Default.Introduce);
        system.Serialization.Register("explode", Default.Explode);
        system.Serialization.Register("chunk", new ChunkCodec());
    }
}

sealed class ChunkCodec : IMessageCodec<Chunk>
{
    public void Write(IBufferWriter<byte> destination, Chunk message)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination.GetSpan(4), message.Bytes.Length);
        destination.Advance(4);
        destination.Write(message.Bytes);
    }

    public Chunk Read(ReadOnlySequence<byte> source)
    {
        var reader = new SequenceReader<byte>(source);
        return reader.TryReadLittleEndian(out int length) && length == reader.Remaining
            ? new Chunk(reader.UnreadSequence.ToArray())
            : throw new FormatException("The chunk's length does not fit its bytes.");
    }
}
