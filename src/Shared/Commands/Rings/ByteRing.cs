namespace GpuActors.Shared.Commands.Rings;

/// <summary>
/// One direction of a stream in memory that two processes share: a ring of bytes with one writer and one reader, and the
/// words by which they find each other. Positions count bytes from the beginning, modulo 2³².
/// </summary>
/// <remarks>Words that the writer writes lie apart from those that the reader writes: each side mostly reads its own.</remarks>
internal readonly unsafe struct ByteRing
{
    /// <summary>Bytes that the words of one ring take.</summary>
    public const int ControlBytes = 512;

    private const int ReaderWords = 256;

    private readonly byte* _control;

    /// <param name="control">Its words.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="size">How many; a power of two.</param>
    public ByteRing(byte* control, byte* content, uint size)
    {
        _control = control;
        Content = content;
        Size = size;
    }

    public byte* Content { get; }

    public uint Size { get; }

    /// <summary>Bytes ever written. The writer's word.</summary>
    public uint* Written => (uint*)_control;

    /// <summary>1: the writer sleeps until there is room. Set by the writer, taken back by the reader.</summary>
    public uint* WriterSleeps => (uint*)(_control + sizeof(uint));

    /// <summary>Bytes ever read. The reader's word.</summary>
    public uint* Read => (uint*)(_control + ReaderWords);

    /// <summary>1: the reader sleeps until there are bytes. Set by the reader, taken back by the writer.</summary>
    public uint* ReaderSleeps => (uint*)(_control + ReaderWords + sizeof(uint));

    /// <summary>How many bytes from a position on lie in one piece.</summary>
    public uint Contiguous(uint position) => Size - (position & (Size - 1));

    /// <summary>Where the byte of a position lies.</summary>
    public byte* At(uint position) => Content + (position & (Size - 1));
}
