using System.ComponentModel;
using System.Runtime.InteropServices;

namespace GpuActors.Worker.Sharing;

/// <summary>
/// Waits on a word of shared memory until another process changes it (futex(2)): the cheapest way to sleep and be woken
/// across processes, a few microseconds.
/// </summary>
internal static unsafe partial class Futex
{
    private const int Wait = 0;
    private const int Wake = 1;
    private const int NotAsExpected = 11; // EAGAIN
    private const int Interrupted = 4; // EINTR
    private const int TimedOut = 110; // ETIMEDOUT
    private const long NanosecondsPerSecond = 1_000_000_000;

    private static readonly nint CallNumber = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 or Architecture.RiscV64 => 98,
        var other => throw new PlatformNotSupportedException($"The number of futex(2) on {other} is not known here."),
    };

    /// <summary>Sleeps while the word is <paramref name="expected"/>, at most for <paramref name="timeout"/>.</summary>
    /// <returns>False when the time was over.</returns>
    public static bool Sleep(uint* word, uint expected, TimeSpan timeout)
    {
        var nanoseconds = timeout.Ticks * TimeSpan.NanosecondsPerTick;
        var limit = new TimeSpec { Seconds = nanoseconds / NanosecondsPerSecond, Nanoseconds = nanoseconds % NanosecondsPerSecond };
        if (Call(CallNumber, word, Wait, expected, &limit, null, 0) != -1)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() switch
        {
            NotAsExpected or Interrupted => true,
            TimedOut => false,
            var error => throw new Win32Exception(error, $"futex(FUTEX_WAIT): error {error}"),
        };
    }

    /// <summary>Wakes who sleeps on the word.</summary>
    public static void WakeAll(uint* word) => _ = Call(CallNumber, word, Wake, int.MaxValue, null, null, 0);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(
        nint number, uint* word, int operation, uint value, TimeSpec* timeout, uint* second, uint third);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
