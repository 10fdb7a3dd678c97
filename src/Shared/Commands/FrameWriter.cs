using System.Buffers.Binary;
using System.Text;

namespace GpuActors.Shared.Commands;

/// <summary>
/// Writes a payload's fields, little-endian, into a span of known size; or only counts their bytes, which is how the
/// size becomes known without a second description of each command.
/// </summary>
public ref struct FrameWriter
{
    private readonly Span<byte> _span;
    private readonly bool _counting;
    private int _position;

    /// <summary>Writes into <paramref name="span"/>, which must be as long as a counting pass found.</summary>
    public FrameWriter(Span<byte> span) => _span = span;

    private FrameWriter(bool counting) => _counting = counting;

    /// <summary>A writer that only counts.</summary>
    public static FrameWriter Counting => new(counting: true);

    /// <summary>Bytes written or counted so far.</summary>
    public readonly int Position => _position;

    public void U8(byte value)
    {
        if (!_counting)
            _span[_position] = value;
        _position += sizeof(byte);
    }

    public void Bool(bool value) => U8(value ? (byte)1 : (byte)0);

    public void U16(ushort value)
    {
        if (!_counting)
            BinaryPrimitives.WriteUInt16LittleEndian(_span[_position..], value);
        _position += sizeof(ushort);
    }

    public void U32(uint value)
    {
        if (!_counting)
            BinaryPrimitives.WriteUInt32LittleEndian(_span[_position..], value);
        _position += sizeof(uint);
    }

    public void I32(int value) => U32((uint)value);

    public void U64(ulong value)
    {
        if (!_counting)
            BinaryPrimitives.WriteUInt64LittleEndian(_span[_position..], value);
        _position += sizeof(ulong);
    }

    public void Range(WorkSize range)
    {
        U64(range.X);
        U64(range.Y);
        U64(range.Z);
    }

    /// <summary>Bytes without a length: the reader knows how many, or takes the rest of the frame.</summary>
    public void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        if (!_counting)
            bytes.CopyTo(_span[_position..]);
        _position += bytes.Length;
    }

    /// <summary>A u32 length and the bytes.</summary>
    public void Bytes(scoped ReadOnlySpan<byte> bytes, int maxBytes, string field)
    {
        Limit(bytes.Length, maxBytes, field, "bytes");
        U32((uint)bytes.Length);
        Raw(bytes);
    }

    /// <summary>A u32 length and the text's UTF-8 bytes.</summary>
    public void Text(string? text, int maxBytes, string field)
    {
        text ??= "";
        int length = Encoding.UTF8.GetByteCount(text);
        Limit(length, maxBytes, field, "UTF-8 bytes");
        U32((uint)length);
        if (!_counting)
            Encoding.UTF8.GetBytes(text, _span[_position..]);
        _position += length;
    }

    /// <summary>A u32 count and the ids.</summary>
    public void Ids(IdList ids, int max, string field)
    {
        Count(ids.Count, max, field);
        for (var i = 0; i < ids.Count; i++)
            U64(ids[i]);
    }

    /// <summary>A u32 count, checked.</summary>
    public void Count(int count, int max, string field)
    {
        Limit(count, max, field, "entries");
        U32((uint)count);
    }

    private static void Limit(int value, int max, string field, string unit)
    {
        if (value > max)
            throw new ProtocolException($"field {field} has {value} {unit}; at most {max} are allowed");
    }
}
