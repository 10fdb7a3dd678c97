using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace GpuActors.Actors.Remoting.Wire;

/// <summary>
/// A reusable buffer that messages are encoded into. It grows on demand and refuses to hold more than its limit, so
/// that a message that is too long is noticed by its sender.
/// </summary>
sealed class WireBuffer(int maxBytes) : IBufferWriter<byte>
{
    const int InitialBytes = 4 * 1024;
    const int KeptBytes = 1024 * 1024;

    byte[] _bytes = [];
    int _count;
    int _maxBytes = maxBytes;

    public int Count => _count;

    public ReadOnlySpan<byte> WrittenSpan => _bytes.AsSpan(0, _count);

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, _count);

    /// <summary>Forgets what is written, and the memory of an exceptionally long message.</summary>
    public void Clear()
    {
        _count = 0;
        if (_bytes.Length > KeptBytes)
        {
            _bytes = [];
        }
    }

    /// <summary>As above, with another limit from now on.</summary>
    public void Clear(int newMaxBytes)
    {
        Clear();
        _maxBytes = newMaxBytes;
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_bytes.Length - _count));
        if (_count + count > _maxBytes)
        {
            throw new FrameTooLongException(_maxBytes);
        }

        _count += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(_count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsSpan(_count);
    }

    public void WriteByte(byte value)
    {
        Reserve(1);
        _bytes[_count] = value;
        Advance(1);
    }

    public void WriteVarUInt(uint value)
    {
        Reserve(5);
        var at = _count;
        while (value >= 0x80)
        {
            _bytes[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _bytes[at++] = (byte)value;
        Advance(at - _count);
    }

    public void WriteUInt64(ulong value)
    {
        Reserve(8);
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(_count), value);
        Advance(8);
    }

    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        Reserve(value.Length);
        value.CopyTo(_bytes.AsSpan(_count));
        Advance(value.Length);
    }

    /// <summary>Its length in UTF-8 bytes as a varint, then the bytes.</summary>
    public void WriteString(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        WriteVarUInt((uint)length);
        Reserve(length);
        Encoding.UTF8.GetBytes(value, _bytes.AsSpan(_count));
        Advance(length);
    }

    void Reserve(int count)
    {
        var needed = (long)_count + count;
        if (needed <= _bytes.Length)
        {
            return;
        }

        // Encoders may ask for the worst case of what they are about to write, which is more than they will write.
        if (needed > (4L * _maxBytes) + InitialBytes)
        {
            throw new FrameTooLongException(_maxBytes);
        }

        Array.Resize(ref _bytes, (int)Math.Max(needed, Math.Max(InitialBytes, 2L * _bytes.Length)));
    }
}
