using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace GpuActors.Actors.Serialization;

/// <summary>
/// A message inside another one, as its own registration writes it: length of the manifest (2 bytes, little-endian),
/// the manifest, the payload up to the end. Neither way allocates but for what the message itself needs.
/// </summary>
internal static class NestedMessage
{
    private const int ManifestCharsMax = 512;

    public static void Write(Serialization serialization, IBufferWriter<byte> destination, object message)
    {
        WriteText(destination, serialization.ManifestOf(message.GetType()));
        serialization.Serialize(message, destination);
    }

    public static object Read(Serialization serialization, ref SequenceReader<byte> reader)
    {
        var manifest = TakeText(ref reader);
        if (manifest.Length > ManifestCharsMax)
        {
            throw new FormatException($"A manifest has at most {ManifestCharsMax} bytes; found {manifest.Length}.");
        }

        Span<char> chars = stackalloc char[(int)manifest.Length];
        var count = Encoding.UTF8.GetChars(manifest, chars);
        return serialization.Deserialize(chars[..count], reader.UnreadSequence);
    }

    /// <summary>A text of at most 65,535 bytes behind its length.</summary>
    public static void WriteText(IBufferWriter<byte> destination, string text)
    {
        var span = destination.GetSpan(2 + Encoding.UTF8.GetMaxByteCount(text.Length));
        var count = Encoding.UTF8.GetBytes(text, span[2..]);
        BinaryPrimitives.WriteUInt16LittleEndian(span, checked((ushort)count));
        destination.Advance(2 + count);
    }

    public static string ReadText(ref SequenceReader<byte> reader) => Encoding.UTF8.GetString(TakeText(ref reader));

    private static ReadOnlySequence<byte> TakeText(ref SequenceReader<byte> reader)
    {
        if (!reader.TryReadLittleEndian(out short length) || reader.Remaining < (ushort)length)
        {
            throw new FormatException("A text is cut off.");
        }

        var text = reader.UnreadSequence.Slice(0, (ushort)length);
        reader.Advance((ushort)length);
        return text;
    }
}
