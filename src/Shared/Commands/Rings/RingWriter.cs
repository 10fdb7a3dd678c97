namespace GpuActors.Shared.Commands.Rings;

/// <summary>
/// The writing end of a ring. It believes nothing that stands in the shared memory: its own position is kept elsewhere,
/// the other side's is read once and checked. One thread writes at a time.
/// </summary>
public sealed unsafe class RingWriter
{
    private readonly ByteRing _ring;
    private uint _written;

    internal RingWriter(ByteRing ring) => _ring = ring;

    /// <summary>Bytes of the whole ring.</summary>
    public int Size => (int)_ring.Size;

    /// <summary>Bytes that can be written now.</summary>
    /// <exception cref="ProtocolException">The other side's position cannot be.</exception>
    public int Room
    {
        get
        {
            uint there = _written - Volatile.Read(ref *_ring.Read);
            if (there > _ring.Size)
                throw new ProtocolException($"shared memory: {there} unread bytes in a ring of {_ring.Size}");
            return (int)(_ring.Size - there);
        }
    }

    /// <summary>The word on which to sleep, while it is 1, until there is room.</summary>
    public uint* Sleeps => _ring.WriterSleeps;

    /// <summary>Copies as much as there is room for, at most <paramref name="length"/> bytes.</summary>
    /// <returns>How many; 0: there is no room.</returns>
    /// <exception cref="ProtocolException">The other side's position cannot be.</exception>
    public int Write(byte* from, nuint length)
    {
        var count = (uint)Math.Min(Math.Min(length, (nuint)Room), RingReader.StepBytes);
        if (count == 0)
            return 0;
        uint first = Math.Min(count, _ring.Contiguous(_written));
        Buffer.MemoryCopy(from, _ring.At(_written), first, first);
        if (count > first)
            Buffer.MemoryCopy(from + first, _ring.Content, count - first, count - first);
        _written += count;
        Volatile.Write(ref *_ring.Written, _written);
        return (int)count;
    }

    /// <summary>Whether the reader sleeps: then the caller has to ring.</summary>
    public bool TakeSleepingReader()
    {
        Interlocked.MemoryBarrier(); // the reader first says that it sleeps, then looks for bytes
        return Volatile.Read(ref *_ring.ReaderSleeps) != 0 && Interlocked.Exchange(ref *_ring.ReaderSleeps, 0) != 0;
    }

    /// <summary>
    /// Announces that the writer is going to sleep on <see cref="Sleeps"/>. True: it may sleep; false: there is room.
    /// </summary>
    /// <exception cref="ProtocolException">The other side's position cannot be.</exception>
    public bool MaySleep()
    {
        Volatile.Write(ref *_ring.WriterSleeps, 1);
        Interlocked.MemoryBarrier();
        return Room == 0;
    }
}
