using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json.Serialization;
using GpuActors.Actors.Serialization;

namespace GpuActors.Benchmarks.Actors;

/// <summary>What the processes of <see cref="RemotingBenchmarks"/> say to each other.</summary>
internal static class RemotingMessages
{
    /// <summary>Eight bytes by its own codec.</summary>
    public sealed record Binary(long Number);

    /// <summary>A small control message.</summary>
    public sealed record JsonMessage(string Name, int Number, bool Flag);

    public sealed class BinaryCodec : IMessageCodec<Binary>
    {
        public void Write(IBufferWriter<byte> destination, Binary message)
        {
            BinaryPrimitives.WriteInt64LittleEndian(destination.GetSpan(8), message.Number);
            destination.Advance(8);
        }

        public Binary Read(ReadOnlySequence<byte> source)
        {
            Span<byte> bytes = stackalloc byte[8];
            source.CopyTo(bytes);
            return new Binary(BinaryPrimitives.ReadInt64LittleEndian(bytes));
        }
    }
}

[JsonSerializable(typeof(RemotingMessages.JsonMessage))]
internal sealed partial class RemotingMessageJson : JsonSerializerContext;
