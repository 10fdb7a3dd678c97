using System.Numerics;
using System.Runtime.InteropServices;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Native memory between socket and device, in blocks of powers of two that are used again while still warm in the
/// cache. Bounded: whoever asks for more than the limit waits until a transfer is done.
/// </summary>
internal sealed unsafe class StagingPool(long limitBytes)
{
    private const int SmallestShift = 12;
    private const int LargestShift = 26;

    /// <summary>Idle memory that is kept; the rest goes back to the system.</summary>
    private const long KeptBytes = 16 << 20;

    private readonly object _gate = new();
    private readonly Stack<nint>[] _idle = [.. Enumerable.Range(0, LargestShift + 1).Select(_ => new Stack<nint>())];
    private long _usedBytes;
    private long _idleBytes;

    /// <summary>Largest block.</summary>
    public const int MaxBlockBytes = 1 << LargestShift;

    /// <summary>A block of at least <paramref name="bytes"/>, or null when the limit does not allow it now.</summary>
    public StagingBlock? TryRent(int bytes)
    {
        lock (_gate)
            return Fits(bytes) ? Take(bytes) : null;
    }

    /// <summary>A block of at least <paramref name="bytes"/>; waits for transfers to end while there is no room.</summary>
    /// <param name="bytes">At most <see cref="MaxBlockBytes"/>.</param>
    /// <param name="mayWait">False when those transfers cannot end by themselves.</param>
    /// <returns>Null when there is no room and waiting makes none.</returns>
    public StagingBlock? Rent(int bytes, Func<bool> mayWait)
    {
        lock (_gate)
        {
            while (!Fits(bytes))
            {
                if (!mayWait())
                    return null;
                Monitor.Wait(_gate);
            }
            return Take(bytes);
        }
    }

    /// <summary>Gives a block back.</summary>
    public void Return(StagingBlock block)
    {
        int size = 1 << block.Shift;
        lock (_gate)
        {
            _usedBytes -= size;
            if (_idleBytes + size <= KeptBytes)
            {
                _idle[block.Shift].Push((nint)block.Pointer);
                _idleBytes += size;
            }
            else
            {
                NativeMemory.AlignedFree(block.Pointer);
            }
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Gives idle memory back to the system, so that nothing of a session stays in it.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            for (var shift = 0; shift < _idle.Length; shift++)
            {
                while (_idle[shift].TryPop(out nint pointer))
                {
                    NativeMemory.Clear((void*)pointer, (nuint)(1 << shift));
                    NativeMemory.AlignedFree((void*)pointer);
                }
            }
            _idleBytes = 0;
        }
    }

    private bool Fits(int bytes) => _usedBytes == 0 || _usedBytes + (1L << ShiftFor(bytes)) <= limitBytes;

    private StagingBlock Take(int bytes)
    {
        const nuint Alignment = 4096;
        int shift = ShiftFor(bytes);
        _usedBytes += 1L << shift;
        if (!_idle[shift].TryPop(out nint pointer))
            return new StagingBlock((byte*)NativeMemory.AlignedAlloc((nuint)1 << shift, Alignment), shift);
        _idleBytes -= 1L << shift;
        return new StagingBlock((byte*)pointer, shift);
    }

    private static int ShiftFor(int bytes)
    {
        int shift = Math.Max(SmallestShift, BitOperations.Log2((uint)Math.Max(1, bytes - 1)) + 1);
        return shift <= LargestShift
            ? shift
            : throw new ArgumentOutOfRangeException(nameof(bytes), bytes, $"at most {MaxBlockBytes}");
    }
}

/// <summary>A piece of staging memory; it has one owner at a time, who returns it.</summary>
internal readonly unsafe struct StagingBlock
{
    public StagingBlock(byte* pointer, int shift)
    {
        Pointer = pointer;
        Shift = shift;
    }

    public byte* Pointer { get; }

    public int Shift { get; }

    public Span<byte> Span(int offset, int length) => new(Pointer + offset, length);
}
