using System.Buffers;
using GpuActors.Actors.Serialization;

namespace GpuActors.Actors.Cluster.Sharding;

/// <summary>A <see cref="ShardingEnvelope"/>: the entity's id as a text, then the message.</summary>
internal sealed class ShardingEnvelopeCodec(Serialization.Serialization serialization)
    : IMessageCodec<ShardingEnvelope>
{
    public void Write(IBufferWriter<byte> destination, ShardingEnvelope message)
    {
        NestedMessage.WriteText(destination, message.EntityId);
        NestedMessage.Write(serialization, destination, message.Message);
    }

    public ShardingEnvelope Read(ReadOnlySequence<byte> source)
    {
        var reader = new SequenceReader<byte>(source);
        var id = NestedMessage.ReadText(ref reader);
        return new ShardingEnvelope(id, NestedMessage.Read(serialization, ref reader));
    }
}

/// <summary>A <see cref="ForwardedMessage"/>: the number of hops in one byte, then the message.</summary>
internal sealed class ForwardedMessageCodec(Serialization.Serialization serialization)
    : IMessageCodec<ForwardedMessage>
{
    public void Write(IBufferWriter<byte> destination, ForwardedMessage message)
    {
        destination.GetSpan(1)[0] = checked((byte)message.Hops);
        destination.Advance(1);
        NestedMessage.Write(serialization, destination, message.Message);
    }

    public ForwardedMessage Read(ReadOnlySequence<byte> source)
    {
        var reader = new SequenceReader<byte>(source);
        return reader.TryRead(out var hops)
            ? new ForwardedMessage(NestedMessage.Read(serialization, ref reader), hops)
            : throw new FormatException("The number of hops is missing.");
    }
}
