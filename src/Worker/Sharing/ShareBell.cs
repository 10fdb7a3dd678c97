using GpuActors.Worker.Executors.Engine;

namespace GpuActors.Worker.Sharing;

/// <summary>
/// A word that all executors on one device share with the worker: whoever wants something rings, and the arbiter wakes.
/// It carries nothing, so that a ring too many or too few costs time and nothing else.
/// </summary>
internal sealed unsafe class ShareBell : IDisposable
{
    private const int Bytes = 4096;

    private readonly uint* _word;
    private int _disposed;

    private ShareBell(uint* word) => _word = word;

    /// <summary>How often it has rung.</summary>
    public uint Rings => Volatile.Read(ref *_word);

    /// <summary>Makes the file and maps it.</summary>
    /// <exception cref="IOException">It can't be made or mapped.</exception>
    public static ShareBell Create(string path)
    {
#pragma warning disable CA1416 // workers are Linux processes
        File.WriteAllBytes(path, new byte[Bytes]);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
#pragma warning restore CA1416
        return Open(path);
    }

    /// <summary>Maps what the worker has made.</summary>
    /// <exception cref="IOException">It can't be opened or mapped.</exception>
    public static ShareBell Open(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var word = Libc.Map(
            null, Bytes, Libc.ProtectRead | Libc.ProtectWrite, Libc.MapShared, (int)file.DangerousGetHandle(), 0);
        Libc.ThrowIfFailed((nint)word, "mmap");
        return new ShareBell((uint*)word);
    }

    /// <summary>Wakes the arbiter.</summary>
    public void Ring()
    {
        Interlocked.Increment(ref *_word);
        Futex.WakeAll(_word);
    }

    /// <summary>Waits for another ring than those <paramref name="heard"/>.</summary>
    public void Wait(uint heard, TimeSpan timeout) => Futex.Sleep(_word, heard, timeout);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _ = Libc.Unmap(_word, Bytes);
        }
    }
}
