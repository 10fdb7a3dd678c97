namespace GpuActors.Shared.Commands;

/// <summary>Read-only bytes that compare by content.</summary>
public readonly struct Bytes(ReadOnlyMemory<byte> memory) : IEquatable<Bytes>
{
    /// <summary>The bytes. Of a received frame: valid until the next read.</summary>
    public ReadOnlyMemory<byte> Memory { get; } = memory;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => Memory.Span;

    /// <summary>How many.</summary>
    public int Length => Memory.Length;

    public static implicit operator Bytes(byte[] bytes) => new(bytes);

    public static implicit operator Bytes(ReadOnlyMemory<byte> bytes) => new(bytes);

    public static implicit operator Bytes(Memory<byte> bytes) => new(bytes);

    public static bool operator ==(Bytes left, Bytes right) => left.Equals(right);

    public static bool operator !=(Bytes left, Bytes right) => !left.Equals(right);

    /// <summary>The bytes as an array of their own, which outlives the frame.</summary>
    public byte[] ToArray() => Memory.ToArray();

    public bool Equals(Bytes other) => Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => obj is Bytes other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    public override string ToString() => $"{Length} bytes";
}
