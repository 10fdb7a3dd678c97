using System.Runtime.InteropServices;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Streams;

/// <summary>The reply to a command whose data are as long as they are.</summary>
internal sealed unsafe class GatheredReply : Reply<Done>
{
    private readonly byte* _piece = (byte*)NativeMemory.Alloc(ProtocolLimits.MaxPayloadBytes);
    private byte[] _gathered = [];
    private int _length;

    ~GatheredReply() => NativeMemory.Free(_piece);

    public override byte* BeginData(ulong offset, int length) => _piece;

    public override void EndData(ulong offset, int length)
    {
        int end = checked((int)offset + length);
        if (end > _gathered.Length)
            Array.Resize(ref _gathered, Math.Max(end, 2 * _gathered.Length));
        new ReadOnlySpan<byte>(_piece, length).CopyTo(_gathered.AsSpan((int)offset));
        _length = Math.Max(_length, end);
    }

    /// <summary>All of it, once the reply is there.</summary>
    public byte[] ToArray() => _gathered[.._length];
}
