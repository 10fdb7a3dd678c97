using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using GpuActors.Actors.Serialization;
using GpuActors.Shared.Api;

namespace GpuActors.Scheduler.Sessions;

/// <summary>
/// A job's event on its way to a watcher at another node: its sequence in 8 bytes, little-endian, then its data. The
/// data alone, which is all that the event has as JSON, would lose its place among the others.
/// </summary>
/// <param name="kind">The event's kind.</param>
internal sealed class JobEventCodec<T>(string kind) : IMessageCodec<T>
    where T : JobEvent
{
    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> destination, T message)
    {
        BinaryPrimitives.WriteInt64LittleEndian(destination.GetSpan(sizeof(long)), message.Sequence);
        destination.Advance(sizeof(long));
        Encoding.UTF8.GetBytes(message.ToData(), destination);
    }

    /// <inheritdoc/>
    public T Read(ReadOnlySequence<byte> source)
    {
        Span<byte> sequence = stackalloc byte[sizeof(long)];
        source.Slice(0, sizeof(long)).CopyTo(sequence);
        var data = Encoding.UTF8.GetString(source.Slice(sizeof(long)));
        return (T)JobEvent.Parse(kind, BinaryPrimitives.ReadInt64LittleEndian(sequence), data)!;
    }
}
