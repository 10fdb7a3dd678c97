using System.Runtime.InteropServices;

namespace GpuActors.Interception.Memory;

/// <summary>Memory for the client's copy of an object, allocated when it is first mapped.</summary>
internal sealed unsafe class Shadow(ulong bytes)
{
    /// <summary>More than any device's alignment of addresses.</summary>
    private const int Alignment = 4096;

    private byte* _start;

    /// <summary>Its first byte.</summary>
    public byte* Start
    {
        get
        {
            lock (this)
            {
                if (_start is null)
                    _start = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
                return _start;
            }
        }
    }

    /// <summary>Nothing is mapped any more.</summary>
    public void Free()
    {
        lock (this)
        {
            NativeMemory.AlignedFree(_start);
            _start = null;
        }
    }
}
