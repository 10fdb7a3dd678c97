using GpuActors.Shared.Commands.Rings;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Memory with two rings that this process shares with one client. It can neither shrink nor grow, whatever the client
/// does with its descriptor, so reading and writing it never faults. Pages that nobody touches cost nothing.
/// </summary>
internal sealed unsafe class SharedMemory : IDisposable
{
    private readonly nuint _bytes;
    private int _descriptor;
    private byte* _start;

    private SharedMemory(int descriptor, byte* start, nuint bytes)
    {
        _descriptor = descriptor;
        _start = start;
        _bytes = bytes;
    }

    /// <summary>The descriptor for the client.</summary>
    public int Descriptor => _descriptor;

    /// <summary>Memory with two rings of so many bytes; null: the system gives none.</summary>
    public static SharedMemory? TryCreate(int ringBytes)
    {
        long bytes = RingMemory.BytesFor(ringBytes);
        int descriptor = Libc.CreateMemory("gpuactors-rings", Libc.MemoryCloseOnExec | Libc.MemoryMaySeal);
        if (descriptor < 0)
            return null;
        if (Libc.Truncate(descriptor, (nint)bytes) == 0
            && Libc.Fcntl(descriptor, Libc.FcntlAddSeals, Libc.SealSeal | Libc.SealShrink | Libc.SealGrow) == 0)
        {
            void* start = Libc.Map(
                null, (nuint)bytes, Libc.ProtectRead | Libc.ProtectWrite, Libc.MapShared, descriptor, 0);
            if ((nint)start != -1)
                return new SharedMemory(descriptor, (byte*)start, (nuint)bytes);
        }
        _ = Libc.Close(descriptor);
        return null;
    }

    /// <summary>This process's ends of the rings.</summary>
    public (RingReader FromClient, RingWriter ToClient) Open() =>
        RingMemory.OpenAsExecutor(_start, RingMemory.RingBytesOf((long)_bytes)!.Value);

    /// <summary>The client has its own descriptor.</summary>
    public void CloseDescriptor()
    {
        int descriptor = Interlocked.Exchange(ref _descriptor, -1);
        if (descriptor >= 0)
            _ = Libc.Close(descriptor);
    }

    /// <summary>Nobody may use the rings any more.</summary>
    public void Dispose()
    {
        CloseDescriptor();
        if (_start is null)
            return;
        _ = Libc.Unmap(_start, _bytes);
        _start = null;
    }
}
