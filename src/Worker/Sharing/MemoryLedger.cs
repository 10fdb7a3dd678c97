using System.Runtime.InteropServices;
using GpuActors.Worker.Executors.Engine;
using Microsoft.Win32.SafeHandles;

namespace GpuActors.Worker.Sharing;

/// <summary>
/// What the executors of one session have allocated on its slice, in memory that they and their worker share: each has an
/// entry, and takes memory only while all entries together stay within the slice.
/// </summary>
/// <remarks>
/// Nobody waits for a lock that a killed process would keep: who takes memory first writes it down, then looks at the sum,
/// and strikes it out again if that is too much. The worker clears the entry of an executor that is gone.
/// </remarks>
internal sealed unsafe class MemoryLedger : IDisposable
{
    /// <summary>Entries of one ledger.</summary>
    public const int MaxEntries = 10_000;

    /// <summary>Two that take the last of the memory at the same moment may both see the other's: they look again.</summary>
    private const int Tries = 4;

    /// <summary>Bit of an entry whose executor is giving all of its memory back.</summary>
    private const long Closing = 1L << 62;

    private const int HeaderWords = 8;
    private const int Bytes = (HeaderWords + MaxEntries) * sizeof(long);

    private readonly long* _words;
    private int _disposed;

    private MemoryLedger(long* words) => _words = words;

    /// <summary>Makes the file, for this user only, and maps it.</summary>
    /// <exception cref="IOException">It can't be made or mapped.</exception>
    public static MemoryLedger Create(string path)
    {
#pragma warning disable CA1416 // workers are Linux processes
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
#pragma warning restore CA1416
        using var file = new FileStream(path, options);
        file.SetLength(Bytes);
        return Map(file.SafeFileHandle);
    }

    /// <summary>Maps what the worker has made.</summary>
    /// <exception cref="IOException">It can't be opened or mapped.</exception>
    public static MemoryLedger Open(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        return Map(file);
    }

    /// <summary>Entries up to this one are in use, or were. For the worker, before an executor is told of its entry.</summary>
    public void Extend(int entry) => Volatile.Write(ref _words[0], Math.Max(_words[0], entry + 1));

    /// <summary>The executor of this entry is gone, and so is its memory.</summary>
    public void Clear(int entry) => Volatile.Write(ref Entry(entry), 0);

    /// <summary>Books bytes on an entry if all entries together stay within the limit.</summary>
    public bool TryTake(int entry, long bytes, long limitBytes)
    {
        for (var i = 0; i < Tries; i++)
        {
            Interlocked.Add(ref Entry(entry), bytes);
            var used = UsedBytes();
            if (used <= limitBytes)
            {
                return true;
            }

            Interlocked.Add(ref Entry(entry), -bytes);
            if (UsedBytes() > limitBytes - bytes)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>All that is booked on the entry will be free soon, and nothing more will be booked.</summary>
    public void Close(int entry) => Interlocked.Or(ref Entry(entry), Closing);

    /// <summary>Bytes are free again.</summary>
    public void GiveBack(int entry, long bytes) => Interlocked.Add(ref Entry(entry), -bytes);

    /// <summary>All entries together.</summary>
    public long UsedBytes() => Sum(onlyClosing: false);

    /// <summary>The entries that are being closed.</summary>
    public long ClosingBytes() => Sum(onlyClosing: true);

    private long Sum(bool onlyClosing)
    {
        long sum = 0;
        var count = (int)Math.Clamp(Volatile.Read(ref _words[0]), 0, MaxEntries);
        for (var i = 0; i < count; i++)
        {
            var entry = Volatile.Read(ref _words[HeaderWords + i]);
            sum += onlyClosing && (entry & Closing) == 0 ? 0 : Math.Max(0, entry & ~Closing);
        }

        return sum;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _ = Libc.Unmap(_words, Bytes);
        }
    }

    private ref long Entry(int entry)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)entry, (uint)MaxEntries);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return ref _words[HeaderWords + entry];
    }

    private static MemoryLedger Map(SafeFileHandle file)
    {
        var words = Libc.Map(
            null, Bytes, Libc.ProtectRead | Libc.ProtectWrite, Libc.MapShared, (int)file.DangerousGetHandle(), 0);
        Libc.ThrowIfFailed((nint)words, "mmap");
        return new MemoryLedger((long*)words);
    }
}
