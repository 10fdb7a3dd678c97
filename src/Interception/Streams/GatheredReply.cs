using System.Runtime.InteropServices;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Streams;

/// <summary>The reply to a command whose data are as long as they are.</summary>
internal sealed unsafe class GatheredReply : Reply<Done>
{
    private readonly byte* _piece = (byte*)NativeMemory.Alloc(ProtocolLimits.MaxPayloadBytes);
    private readonly MemoryStream _gathered = new();

    ~GatheredReply() => NativeMemory.Free(_piece);

    public override byte* BeginData(ulong offset, int length) => _piece;

    public override void EndData(ulong offset, int length)
    {
        _gathered.Position = (long)offset;
        _gathered.Write(new ReadOnlySpan<byte>(_piece, length));
    }

    /// <summary>All of it, once the reply is there.</summary>
    public byte[] ToArray() => _gathered.ToArray();
}
