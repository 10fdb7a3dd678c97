using System.Runtime.InteropServices;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Memory;

/// <summary>A region as the data of a command: each piece is packed when it is asked for.</summary>
internal readonly unsafe struct RegionData : IDataPieces
{
    [ThreadStatic]
    private static byte* _packed;

    private readonly HostRegion _region;

    /// <param name="region">The calling thread sends it: the memory in which pieces are packed is the thread's.</param>
    public RegionData(HostRegion region)
    {
        _region = region;
        if (!region.IsPacked && _packed is null)
            _packed = (byte*)NativeMemory.Alloc(ProtocolLimits.DataChunkBytes);
    }

    public ulong Bytes => _region.Bytes;

    public bool AreStable => _region.IsPacked;

    public byte* Piece(ulong offset, int length)
    {
        if (_region.IsPacked)
            return _region.Start + offset;
        _region.Gather(offset, _packed, length);
        return _packed;
    }
}
