using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace GpuActors.Actors.Serialization;

/// <summary>
/// A <see cref="Status.Success"/>: the length of its value's manifest (2 bytes, little-endian), the manifest, the value
/// as its own type writes it. No value is a manifest of length 0.
/// </summary>
internal sealed class SuccessCodec(Serialization serialization) : IMessageCodec<Status.Success>
{
    public void Write(IBufferWriter<byte> destination, Status.Success message)
    {
        if (message.Value is not { } value)
        {
            destination.Write<byte>([0, 0]);
            return;
        }

        var manifest = Encoding.UTF8.GetBytes(serialization.ManifestOf(value.GetType()));
        BinaryPrimitives.WriteUInt16LittleEndian(destination.GetSpan(2), checked((ushort)manifest.Length));
        destination.Advance(2);
        destination.Write(manifest);
        serialization.Serialize(value, destination);
    }

    public Status.Success Read(ReadOnlySequence<byte> source)
    {
        var reader = new SequenceReader<byte>(source);
        if (!reader.TryReadLittleEndian(out short length) || reader.Remaining < (ushort)length)
        {
            throw new FormatException("The manifest of the value is cut off.");
        }

        if (length == 0)
        {
            return new Status.Success(null);
        }

        var manifest = Encoding.UTF8.GetString(reader.UnreadSequence.Slice(0, (ushort)length));
        return new Status.Success(
            serialization.Deserialize(manifest, reader.UnreadSequence.Slice((ushort)length)));
    }
}
