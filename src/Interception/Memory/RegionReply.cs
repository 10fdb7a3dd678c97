using System.Runtime.InteropServices;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Memory;

/// <summary>The reply to a read: its data go to a region of the client's memory, straight from the socket if it is packed.</summary>
internal sealed unsafe class RegionReply(HostRegion region) : Reply<Done>
{
    private byte* _piece;

    ~RegionReply() => NativeMemory.Free(_piece);

    public override byte* BeginData(ulong offset, int length)
    {
        if (offset > region.Bytes || (ulong)length > region.Bytes - offset)
            throw new ProtocolException($"data at {offset} of {length} bytes; {region.Bytes} were asked for");
        if (region.IsPacked)
            return region.Start + offset;
        if (_piece is null)
            _piece = (byte*)NativeMemory.Alloc(ProtocolLimits.MaxPayloadBytes);
        return _piece;
    }

    public override void EndData(ulong offset, int length)
    {
        if (!region.IsPacked)
            region.Scatter(offset, _piece, length);
    }
}
