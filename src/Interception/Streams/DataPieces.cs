namespace GpuActors.Interception.Streams;

/// <summary>The data of a command that carries some, by pieces.</summary>
internal unsafe interface IDataPieces
{
    /// <summary>All bytes together.</summary>
    ulong Bytes { get; }

    /// <summary>Whether the address of a piece stays valid after the next is asked for.</summary>
    bool AreStable { get; }

    /// <summary>Where so many bytes from an offset lie, one after the other. Asked for in ascending order, once.</summary>
    byte* Piece(ulong offset, int length);
}

/// <summary>Data that lie in one piece.</summary>
internal readonly unsafe struct PlainData(void* start, ulong bytes) : IDataPieces
{
    public ulong Bytes => bytes;

    public bool AreStable => true;

    public byte* Piece(ulong offset, int length) => (byte*)start + offset;
}
