namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Read-only zeros of any size, which cost address space and no memory: every page of the mapping is the kernel's one
/// zero page. New buffers are copied from here, because that happens inside <c>clCreateBuffer</c> on the calling
/// thread; a fill on a queue would wait behind whatever kernel keeps the device busy.
/// </summary>
internal sealed unsafe class ZeroPages
{
    private void* _start;
    private nuint _length;

    /// <summary>At least <paramref name="bytes"/> zeros. Valid until the next call.</summary>
    public void* Get(nuint bytes)
    {
        if (bytes <= _length)
            return _start;
        if (_length > 0)
            Libc.ThrowIfFailed(Libc.Unmap(_start, _length), "munmap of zero pages");
        _length = 0;
        nuint length = Math.Max((nuint)System.Numerics.BitOperations.RoundUpToPowerOf2(bytes), 1 << 24);
        void* start = Libc.Map(
            null, length, Libc.ProtectRead, Libc.MapPrivate | Libc.MapAnonymous | Libc.MapNoReserve, -1, 0);
        Libc.ThrowIfFailed((nint)start, $"mmap of {length} bytes of zero pages");
        Libc.Advise(start, length, Libc.AdviseHugePage); // 512 times fewer page faults; only an advice
        _start = start;
        _length = length;
        return start;
    }
}
