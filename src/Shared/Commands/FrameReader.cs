using System.Buffers.Binary;
using System.Text;

namespace GpuActors.Shared.Commands;

/// <summary>
/// Reads a payload's fields. Every length is checked against its limit and against what is left of the frame before
/// anything is allocated, so a hostile frame costs no more memory than itself.
/// </summary>
public ref struct FrameReader(in Frame frame)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly Frame _frame = frame;
    private readonly ReadOnlySpan<byte> _span = frame.Payload.Span;
    private int _position;

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => _span.Length - _position;

    public byte U8(string field) => Take(sizeof(byte), field)[0];

    public bool Bool(string field)
    {
        byte value = U8(field);
        return value <= 1 ? value == 1 : throw Wrong(field, $"is {value}; 0 or 1 is allowed");
    }

    public ushort U16(string field) => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort), field));

    public uint U32(string field) => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint), field));

    public int I32(string field) => (int)U32(field);

    public ulong U64(string field) => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong), field));

    public WorkSize Range(string field) => new(U64(field), U64(field), U64(field));

    /// <summary>The next <paramref name="length"/> bytes, as a view on the frame.</summary>
    public Bytes Raw(int length, string field)
    {
        int start = _position;
        Take(length, field);
        return _frame.Payload.Slice(start, length);
    }

    /// <summary>The rest of the frame, as a view on it.</summary>
    public Bytes Rest() => Raw(Remaining, "data");

    /// <summary>A u32 length and so many bytes, as a view on the frame.</summary>
    public Bytes Bytes(int maxBytes, string field) => Raw(Length(maxBytes, field, "bytes"), field);

    /// <summary>A u32 length and so many UTF-8 bytes.</summary>
    public string Text(int maxBytes, string field)
    {
        ReadOnlySpan<byte> bytes = Take(Length(maxBytes, field, "UTF-8 bytes"), field);
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Wrong(field, "is not UTF-8");
        }
    }

    /// <summary>A u32 count and so many ids, as a view on the frame.</summary>
    public IdList Ids(int max, string field)
    {
        int count = Count(max, sizeof(ulong), field);
        return count == 0 ? default : new IdList(Raw(count * sizeof(ulong), field).Memory);
    }

    /// <summary>A u32 count of entries that take at least <paramref name="entryBytesMin"/> bytes each.</summary>
    public int Count(int max, int entryBytesMin, string field)
    {
        int count = Length(max, field, "entries");
        if ((long)count * entryBytesMin > Remaining)
            throw Wrong(field, $"announces {count} entries, but only {Remaining} bytes are left");
        return count;
    }

    /// <summary>Throws unless everything was read.</summary>
    public readonly void End()
    {
        if (Remaining != 0)
            throw new ProtocolException($"{Name}: {Remaining} bytes too many after the last field");
    }

    /// <summary>An exception that names the frame and the field.</summary>
    public readonly ProtocolException Wrong(string field, string what) => new($"{Name}: field {field} {what}");

    private readonly string Name => $"{_frame.Opcode} #{_frame.Sequence}";

    private int Length(int max, string field, string unit)
    {
        uint value = U32(field);
        return value <= (uint)max ? (int)value : throw Wrong(field, $"has {value} {unit}; at most {max} are allowed");
    }

    private ReadOnlySpan<byte> Take(int length, string field)
    {
        if (length > Remaining)
            throw Wrong(field, $"needs {length} bytes, but only {Remaining} are left: the frame is truncated");
        ReadOnlySpan<byte> taken = _span.Slice(_position, length);
        _position += length;
        return taken;
    }
}
