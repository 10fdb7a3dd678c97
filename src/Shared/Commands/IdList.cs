using System.Buffers.Binary;

namespace GpuActors.Shared.Commands;

/// <summary>
/// A list of object ids that compares by content: an array at the sender, a view on the received frame (valid until
/// the next read) at the receiver, so that neither side allocates.
/// </summary>
public readonly struct IdList : IEquatable<IdList>
{
    private readonly ulong[]? _ids;
    private readonly ReadOnlyMemory<byte> _wire;

    /// <summary>Lists <paramref name="ids"/>; the array must not change until the command is sent.</summary>
    public IdList(params ulong[] ids) => _ids = ids;

    internal IdList(ReadOnlyMemory<byte> wire) => _wire = wire;

    /// <summary>How many ids.</summary>
    public int Count => _ids?.Length ?? _wire.Length / sizeof(ulong);

    /// <summary>The id at <paramref name="index"/>.</summary>
    public ulong this[int index] => _ids is not null
        ? _ids[index]
        : BinaryPrimitives.ReadUInt64LittleEndian(_wire.Span[(index * sizeof(ulong))..]);

    public static implicit operator IdList(ulong[] ids) => new(ids);

    public static implicit operator IdList(ulong id) => new([id]);

    public static bool operator ==(IdList left, IdList right) => left.Equals(right);

    public static bool operator !=(IdList left, IdList right) => !left.Equals(right);

    /// <summary>The ids as an array of their own, which outlives the frame.</summary>
    public ulong[] ToArray()
    {
        var ids = new ulong[Count];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = this[i];
        return ids;
    }

    public bool Equals(IdList other)
    {
        if (Count != other.Count)
            return false;
        for (var i = 0; i < Count; i++)
        {
            if (this[i] != other[i])
                return false;
        }
        return true;
    }

    public override bool Equals(object? obj) => obj is IdList other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        for (var i = 0; i < Count; i++)
            hash.Add(this[i]);
        return hash.ToHashCode();
    }

    public override string ToString() => $"[{string.Join(", ", ToArray())}]";
}
