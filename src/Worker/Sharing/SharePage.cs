using System.Runtime.InteropServices;
using GpuActors.Worker.Executors.Engine;
using Microsoft.Win32.SafeHandles;

namespace GpuActors.Worker.Sharing;

/// <summary>What an executor wants of its GPU at the moment.</summary>
internal enum ShareState : uint
{
    /// <summary>It has no kernel to run.</summary>
    Idle,

    /// <summary>It has kernels that could run if it were its turn.</summary>
    Wants,

    /// <summary>Kernels of it run.</summary>
    Runs,
}

/// <summary>
/// A page of memory that a worker shares with one of its executors, and with no other: the turns that the worker grants,
/// and what the executor has used. Times are ticks of the monotonic clock, which all processes of a machine share.
/// </summary>
/// <remarks>
/// The worker believes nothing that stands in the executor's half: wrong counters spoil that session's own figures, a
/// wrong state costs it its own turns.
/// </remarks>
internal sealed unsafe class SharePage : IDisposable
{
    private const int Bytes = 4096;

    private readonly Words* _words;
    private int _disposed;

    private SharePage(Words* words) => _words = words;

    /// <summary>Changes with each grant and each withdrawal; who waits for one sleeps on it.</summary>
    public uint* GrantNumber => &_words->GrantNumber;

    /// <summary>Until when the executor may begin kernels; 0: not at all; <see cref="long.MaxValue"/>: no end is set.</summary>
    public long GrantedUntil
    {
        get => Volatile.Read(ref _words->GrantedUntil);
        set => Volatile.Write(ref _words->GrantedUntil, value);
    }

    /// <summary>How much work may be with the device beyond what runs, so that others get their turn in time.</summary>
    public long SliceTicks
    {
        get => Volatile.Read(ref _words->SliceTicks);
        set => Volatile.Write(ref _words->SliceTicks, value);
    }

    /// <summary>The session takes turns; otherwise it runs as it likes.</summary>
    public bool TakesTurns
    {
        get => Volatile.Read(ref _words->TakesTurns) != 0;
        set => Volatile.Write(ref _words->TakesTurns, value ? 1u : 0);
    }

    /// <summary>The arbiter wants to hear when the executor has nothing more that runs.</summary>
    public bool RingsAtEnd
    {
        get => Volatile.Read(ref _words->RingsAtEnd) != 0;
        set => Volatile.Write(ref _words->RingsAtEnd, value ? 1u : 0);
    }

    /// <summary>When the executor first began a kernel under the newest grant.</summary>
    public long BeganAt
    {
        get => Volatile.Read(ref _words->BeganAt);
        set => Volatile.Write(ref _words->BeganAt, value);
    }

    /// <summary>What the executor wants.</summary>
    public ShareState State
    {
        get => (ShareState)Volatile.Read(ref _words->State);
        set => Volatile.Write(ref _words->State, (uint)value);
    }

    /// <summary>When the executor last moved data or had a kernel that ran or could run; 0: never in its session.</summary>
    public long WorkedAt
    {
        get => Volatile.Read(ref _words->WorkedAt);
        set => Volatile.Write(ref _words->WorkedAt, value);
    }

    /// <summary>The client's stream, while the executor serves one directly.</summary>
    public ref StreamCounters Stream => ref _words->Stream;

    /// <summary>The executor's counters.</summary>
    public ref ShareCounters Counters => ref _words->Counters;

    /// <summary>Makes the file, for this user only, and maps it.</summary>
    /// <exception cref="IOException">It can't be made or mapped.</exception>
    public static SharePage Create(string path)
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
    public static SharePage Open(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        return Map(file);
    }

    /// <summary>Says that a grant has changed.</summary>
    public void Announce()
    {
        Interlocked.Increment(ref _words->GrantNumber);
        Futex.WakeAll(&_words->GrantNumber);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _ = Libc.Unmap(_words, Bytes);
        }
    }

    private static SharePage Map(SafeFileHandle file)
    {
        var words = Libc.Map(
            null, Bytes, Libc.ProtectRead | Libc.ProtectWrite, Libc.MapShared, (int)file.DangerousGetHandle(), 0);
        Libc.ThrowIfFailed((nint)words, "mmap");
        return new SharePage((Words*)words);
    }

    /// <summary>The worker's half and the executor's, on cache lines of their own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = Bytes)]
    private struct Words
    {
        [FieldOffset(0)]
        public uint GrantNumber;

        [FieldOffset(4)]
        public uint TakesTurns;

        [FieldOffset(8)]
        public long GrantedUntil;

        [FieldOffset(16)]
        public long SliceTicks;

        [FieldOffset(24)]
        public uint RingsAtEnd;

        [FieldOffset(128)]
        public uint State;

        [FieldOffset(136)]
        public long BeganAt;

        [FieldOffset(144)]
        public long WorkedAt;

        [FieldOffset(192)]
        public ShareCounters Counters;

        [FieldOffset(320)]
        public StreamCounters Stream;
    }
}

/// <summary>What has come and gone on a client's stream. Written by the executor.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StreamCounters
{
    /// <summary>When the newest commands came, in ticks; 0: none has come yet.</summary>
    public long HeardAt;

    /// <summary>Bytes received from the client.</summary>
    public long BytesIn;

    /// <summary>Bytes sent to the client.</summary>
    public long BytesOut;

    /// <summary>How often the program has waited for an answer, by its own account.</summary>
    public long Waits;

    /// <summary>Nanoseconds in which it waited, by its own account.</summary>
    public long WaitedNs;

    /// <summary>Ticks in which the executor owed it an answer.</summary>
    public long Answering;
}

/// <summary>What the session on an executor has used since it began. Written by the executor, one thread at a time.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ShareCounters
{
    /// <summary>Ticks in which kernels ran.</summary>
    public long Busy;

    /// <summary>Ticks in which there were kernels to run and none ran.</summary>
    public long Queued;

    /// <summary>The part of it in which they waited for their turn.</summary>
    public long Throttled;

    /// <summary>Kernels that have ended.</summary>
    public long Kernels;

    /// <summary>Bytes moved to the device.</summary>
    public long BytesIn;

    /// <summary>Bytes moved from the device.</summary>
    public long BytesOut;

    /// <summary>Bytes of device memory in use.</summary>
    public long MemoryBytes;

    /// <summary>The most that were in use at one time.</summary>
    public long MemoryPeakBytes;

    /// <summary>While kernels run: since when their time is not in <see cref="Busy"/>.</summary>
    public long RunsSince;
}
