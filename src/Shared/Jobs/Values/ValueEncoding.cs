using System.Buffers.Binary;
using System.Text.Json;
using GpuActors.Shared.Jobs.Reading;

namespace GpuActors.Shared.Jobs.Values;

/// <summary>Numbers of OpenCL C's types as bytes, little-endian.</summary>
public static class ValueEncoding
{
    /// <summary>The least and the greatest value of a whole type.</summary>
    public static (Int128 Minimum, Int128 Maximum) LimitsOf(ScalarType type) => type switch
    {
        ScalarType.Char => (sbyte.MinValue, sbyte.MaxValue),
        ScalarType.UChar => (byte.MinValue, byte.MaxValue),
        ScalarType.Short => (short.MinValue, short.MaxValue),
        ScalarType.UShort => (ushort.MinValue, ushort.MaxValue),
        ScalarType.Int => (int.MinValue, int.MaxValue),
        ScalarType.UInt => (uint.MinValue, uint.MaxValue),
        ScalarType.Long => (long.MinValue, long.MaxValue),
        ScalarType.ULong => (ulong.MinValue, ulong.MaxValue),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a whole type."),
    };

    /// <summary>What fits into a type, for messages.</summary>
    public static string RangeOf(ScalarType type)
    {
        var name = new OpenClType(type).Name;
        if (type >= ScalarType.Half)
        {
            return $"{name} takes finite numbers in its range";
        }

        var (minimum, maximum) = LimitsOf(type);
        return $"{name} takes whole numbers from {minimum} to {maximum}";
    }

    /// <summary>Writes a whole number that lies within the type's limits.</summary>
    public static void WriteInteger(ScalarType type, Int128 value, Span<byte> target)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt128LittleEndian(bytes, value);
        bytes[..new OpenClType(type).ComponentBytes].CopyTo(target);
    }

    /// <summary>Writes a real number; false if it is beyond the type's range.</summary>
    public static bool TryWriteReal(ScalarType type, double value, Span<byte> target)
    {
        switch (type)
        {
            case ScalarType.Half:
                BinaryPrimitives.WriteHalfLittleEndian(target, (Half)value);
                return Half.IsFinite((Half)value);
            case ScalarType.Float:
                BinaryPrimitives.WriteSingleLittleEndian(target, (float)value);
                return float.IsFinite((float)value);
            default:
                BinaryPrimitives.WriteDoubleLittleEndian(target, value);
                return double.IsFinite(value);
        }
    }

    /// <summary>Writes one number of an inline input back as JSON.</summary>
    public static void WriteJson(ScalarType type, ReadOnlySpan<byte> bytes, Utf8JsonWriter writer)
    {
        switch (type)
        {
            case ScalarType.Half:
                writer.WriteNumberValue((float)BinaryPrimitives.ReadHalfLittleEndian(bytes));
                break;
            case ScalarType.Float:
                writer.WriteNumberValue(BinaryPrimitives.ReadSingleLittleEndian(bytes));
                break;
            case ScalarType.Double:
                writer.WriteNumberValue(BinaryPrimitives.ReadDoubleLittleEndian(bytes));
                break;
            case ScalarType.ULong:
                writer.WriteNumberValue(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
                break;
            default:
                writer.WriteNumberValue(ReadSigned(type, bytes));
                break;
        }
    }

    internal static bool TryEncode(ScalarType type, JsonElement number, Span<byte> target)
    {
        if (type >= ScalarType.Half)
        {
            return JsonNumbers.TryReal(number, out var real) && TryWriteReal(type, real, target);
        }

        var (minimum, maximum) = LimitsOf(type);
        if (!JsonNumbers.TryInteger(number, out var value) || value < minimum || value > maximum)
        {
            return false;
        }

        WriteInteger(type, value, target);
        return true;
    }

    private static long ReadSigned(ScalarType type, ReadOnlySpan<byte> bytes) => type switch
    {
        ScalarType.Char => (sbyte)bytes[0],
        ScalarType.UChar => bytes[0],
        ScalarType.Short => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        ScalarType.UShort => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        ScalarType.Int => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        ScalarType.UInt => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
    };
}
