using System.Buffers.Binary;
using System.Text;

namespace GpuActors.Actors.Remoting.Wire;

/// <summary>Reads the fields of a frame; any read beyond its end throws <see cref="WireFormatException"/>.</summary>
ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    public byte ReadByte() => ReadBytes(1)[0];

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(ReadBytes(8));

    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if ((uint)count > (uint)Remaining)
        {
            throw new WireFormatException($"{count} bytes are announced and {Remaining} are left");
        }

        var result = _bytes.Slice(Position, count);
        Position += count;
        return result;
    }

    public uint ReadVarUInt()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var next = ReadByte();
            if (shift == 28 && next > 0x0F)
            {
                break;
            }

            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new WireFormatException("a number has more than 32 bits");
    }

    public int ReadLength()
    {
        var length = ReadVarUInt();
        return length <= (uint)Remaining
            ? (int)length
            : throw new WireFormatException($"{length} bytes are announced and {Remaining} are left");
    }

    public string ReadString(int maxBytes)
    {
        var length = ReadLength();
        if (length > maxBytes)
        {
            throw new WireFormatException($"a text of {length} bytes; at most {maxBytes} are allowed");
        }

        try
        {
            return Utf8.GetString(ReadBytes(length));
        }
        catch (DecoderFallbackException)
        {
            throw new WireFormatException("a text is not UTF-8");
        }
    }
}

/// <summary>Received bytes do not follow the protocol; the connection that carried them is closed.</summary>
sealed class WireFormatException(string problem) : IOException(problem);
