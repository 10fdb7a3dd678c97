using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// The worker's lease as its executors see it: a timestamp of the monotonic clock, which all processes of a machine
/// share, in a file that the worker writes and this process has mapped for reading. So an executor knows when the
/// worker's right to run sessions ends, also while the worker itself is frozen.
/// </summary>
internal sealed unsafe class WorkerLease
{
    private const int ExpiredLookMs = 200;
    private const int UnsetLookMs = 1000;

    private readonly SafeFileHandle _held;
    private readonly long* _endsAt;
    private readonly TimeProvider _time;
    private volatile bool _hasSession;

    private WorkerLease(SafeFileHandle held, long* endsAt, TimeProvider time)
    {
        _held = held;
        _endsAt = endsAt;
        _time = time;
    }

    /// <summary>A session is open: from now on the process must not outlive the lease.</summary>
    public bool HasSession
    {
        set => _hasSession = value;
    }

    /// <summary>The lease has ended, and with it the right to go on with the session.</summary>
    public bool ForbidsSession => _hasSession && RemainingMs() <= 0;

    /// <summary>After how many milliseconds to look again.</summary>
    public int NextLookMs => RemainingMs() switch
    {
        null => UnsetLookMs,
        <= 0 => ExpiredLookMs,
        { } remaining => (int)Math.Min(int.MaxValue, remaining),
    };

    /// <summary>Maps the file, and keeps it open: while it is, <see cref="FormerExecutors"/> knows that this process
    /// lives.</summary>
    /// <exception cref="IOException">It can't be read or mapped.</exception>
    public static WorkerLease Open(string path, TimeProvider time)
    {
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var descriptor = (int)file.DangerousGetHandle();
        void* page = Libc.Map(null, sizeof(long), Libc.ProtectRead, Libc.MapShared, descriptor, 0);
        Libc.ThrowIfFailed((nint)page, "mmap");
        return new WorkerLease(file, (long*)page, time);
    }

    /// <summary>Null: the worker has had no lease yet.</summary>
    private long? RemainingMs()
    {
        long endsAt = Volatile.Read(ref *_endsAt);
        return endsAt == 0 ? null : (long)Math.Ceiling(_time.GetElapsedTime(_time.GetTimestamp(), endsAt).TotalMilliseconds);
    }
}
