using System.Buffers;
using System.Runtime.InteropServices;

namespace GpuActors.Interception.Streams;

/// <summary>Frames that wait to be written, in memory that does not move. It grows and never shrinks.</summary>
internal sealed unsafe class SendBuffer(int capacity) : IBufferWriter<byte>
{
    private byte* _start = (byte*)NativeMemory.Alloc((nuint)capacity);
    private int _capacity = capacity;
    private int _length;

    /// <summary>Bytes in it.</summary>
    public int Length => Volatile.Read(ref _length);

    /// <summary>All bytes in it.</summary>
    public Libc.Piece Content => new() { Start = _start, Length = (nuint)_length };

    public void Clear() => Volatile.Write(ref _length, 0);

    public void Advance(int count) => Volatile.Write(ref _length, _length + count);

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        int needed = checked(_length + Math.Max(1, sizeHint));
        if (needed > _capacity)
        {
            _capacity = Math.Max(needed, checked(_capacity * 2));
            _start = (byte*)NativeMemory.Realloc(_start, (nuint)_capacity);
        }
        return new Span<byte>(_start + _length, _capacity - _length);
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => throw new NotSupportedException("its memory is not the runtime's");
}
