using System.Buffers.Binary;
using System.Security.Cryptography;
using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Puts a header before a program's binary: a binary means something to one device model and driver only, and a
/// driver that is given another's, or a damaged one, may crash. Magic u32, version u32, device hash u64, SHA-256.
/// </summary>
internal static class BinaryWrapper
{
    public const int HeaderBytes = 16 + SHA256.HashSizeInBytes;

    private const uint Magic = 0x42555047; // "GPUB"
    private const uint Version = 1;

    public static byte[] Wrap(ulong deviceHash, ReadOnlySpan<byte> binary)
    {
        var wrapped = new byte[HeaderBytes + binary.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(wrapped, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(wrapped.AsSpan(4), Version);
        BinaryPrimitives.WriteUInt64LittleEndian(wrapped.AsSpan(8), deviceHash);
        SHA256.HashData(binary, wrapped.AsSpan(16));
        binary.CopyTo(wrapped.AsSpan(HeaderBytes));
        return wrapped;
    }

    /// <summary>The binary within, or <c>CL_INVALID_BINARY</c> with the reason.</summary>
    public static ReadOnlySpan<byte> Unwrap(ulong deviceHash, ReadOnlySpan<byte> wrapped, ulong program)
    {
        if (wrapped.Length < HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(wrapped) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(wrapped[4..]) != Version)
        {
            throw Refuse("these bytes are not a program binary of this service", program);
        }
        if (BinaryPrimitives.ReadUInt64LittleEndian(wrapped[8..]) != deviceHash)
            throw Refuse("the binary was made by another device or driver: build from source", program);
        ReadOnlySpan<byte> binary = wrapped[HeaderBytes..];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(binary, hash);
        return hash.SequenceEqual(wrapped[16..HeaderBytes])
            ? binary
            : throw Refuse("the binary is damaged: its checksum is wrong", program);
    }

    private static CommandFailure Refuse(string text, ulong program) => new(OpenClErrors.InvalidBinary, text, program);
}
