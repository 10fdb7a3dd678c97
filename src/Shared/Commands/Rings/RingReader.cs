namespace GpuActors.Shared.Commands.Rings;

/// <summary>
/// The reading end of a ring. It believes nothing that stands in the shared memory: its own position is kept elsewhere,
/// the other side's is read once and checked. One thread reads at a time; any may look.
/// </summary>
public sealed unsafe class RingReader
{
    /// <summary>Bytes after which the other side hears of it, so that both copy at the same time.</summary>
    internal const uint StepBytes = 64 << 10;

    private readonly ByteRing _ring;
    private uint _read;

    internal RingReader(ByteRing ring) => _ring = ring;

    /// <summary>Whether there is something to read.</summary>
    public bool HasBytes => Volatile.Read(ref *_ring.Written) != Volatile.Read(ref _read);

    /// <summary>The word on which the other side sleeps until there is room.</summary>
    public uint* WriterSleeps => _ring.WriterSleeps;

    /// <summary>Copies what is there, at most <paramref name="length"/> bytes.</summary>
    /// <returns>How many; 0: nothing is there.</returns>
    /// <exception cref="ProtocolException">The other side's position cannot be.</exception>
    public int Read(byte* into, int length)
    {
        uint there = Volatile.Read(ref *_ring.Written) - _read;
        if (there > _ring.Size)
            throw new ProtocolException($"shared memory: {there} bytes in a ring of {_ring.Size}");
        uint count = Math.Min(Math.Min(there, (uint)length), StepBytes);
        if (count == 0)
            return 0;
        uint first = Math.Min(count, _ring.Contiguous(_read));
        Buffer.MemoryCopy(_ring.At(_read), into, first, first);
        if (count > first)
            Buffer.MemoryCopy(_ring.Content, into + first, count - first, count - first);
        Volatile.Write(ref _read, _read + count);
        Volatile.Write(ref *_ring.Read, _read);
        return (int)count;
    }

    /// <summary>
    /// Announces that somebody is going to sleep until the other side rings. True: it may sleep; false: there are bytes.
    /// </summary>
    public bool MaySleep()
    {
        Volatile.Write(ref *_ring.ReaderSleeps, 1);
        Interlocked.MemoryBarrier(); // the writer first shows its bytes, then looks whether anybody sleeps
        return !HasBytes;
    }

    /// <summary>Whether the writer sleeps and is to be woken now: once there is room that is worth it.</summary>
    public bool TakeSleepingWriter()
    {
        const uint WorthWaking = 4;
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref *_ring.WriterSleeps) == 0)
            return false;
        uint there = Volatile.Read(ref *_ring.Written) - _read;
        return there <= _ring.Size - (_ring.Size / WorthWaking)
            && Interlocked.Exchange(ref *_ring.WriterSleeps, 0) != 0;
    }
}
