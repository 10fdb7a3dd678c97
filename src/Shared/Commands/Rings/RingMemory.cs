namespace GpuActors.Shared.Commands.Rings;

/// <summary>How shared memory is laid out: a page of words, the ring to the executor, the ring to the client.</summary>
public static unsafe class RingMemory
{
    /// <summary>Smallest ring.</summary>
    public const int MinRingBytes = 4 << 10;

    /// <summary>Largest ring.</summary>
    public const int MaxRingBytes = 64 << 20;

    private const int HeadBytes = 4096;

    /// <summary>Bytes of memory with two rings of so many bytes.</summary>
    /// <param name="ringBytes">A power of two from <see cref="MinRingBytes"/> to <see cref="MaxRingBytes"/>.</param>
    public static long BytesFor(int ringBytes) => IsRing(ringBytes)
        ? HeadBytes + (2L * ringBytes)
        : throw new ArgumentOutOfRangeException(
            nameof(ringBytes), ringBytes, $"a power of two from {MinRingBytes} to {MaxRingBytes}");

    /// <summary>Bytes of each ring in memory of so many bytes; null: it is no such memory.</summary>
    public static int? RingBytesOf(long memoryBytes)
    {
        long bytes = (memoryBytes - HeadBytes) / 2;
        return IsRing(bytes) && BytesFor((int)bytes) == memoryBytes ? (int)bytes : null;
    }

    /// <summary>The client's ends.</summary>
    /// <param name="memory">So many bytes as <see cref="BytesFor"/> says; zero at first.</param>
    /// <param name="ringBytes">Of each ring.</param>
    public static (RingReader FromExecutor, RingWriter ToExecutor) OpenAsClient(byte* memory, int ringBytes) =>
        (new RingReader(ToClient(memory, ringBytes)), new RingWriter(ToExecutor(memory, ringBytes)));

    /// <summary>The executor's ends.</summary>
    /// <param name="memory">So many bytes as <see cref="BytesFor"/> says; zero at first.</param>
    /// <param name="ringBytes">Of each ring.</param>
    public static (RingReader FromClient, RingWriter ToClient) OpenAsExecutor(byte* memory, int ringBytes) =>
        (new RingReader(ToExecutor(memory, ringBytes)), new RingWriter(ToClient(memory, ringBytes)));

    private static bool IsRing(long bytes) =>
        bytes is >= MinRingBytes and <= MaxRingBytes && (bytes & (bytes - 1)) == 0;

    private static ByteRing ToExecutor(byte* memory, int ringBytes) => new(memory, memory + HeadBytes, (uint)ringBytes);

    private static ByteRing ToClient(byte* memory, int ringBytes) =>
        new(memory + ByteRing.ControlBytes, memory + HeadBytes + ringBytes, (uint)ringBytes);
}
