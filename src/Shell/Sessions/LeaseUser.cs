using System.Runtime.InteropServices;

namespace GpuActors.Shell.Sessions;

/// <summary>
/// The process for which GPUs are leased. It has the other end of this one's standard input, which closes when it ends or
/// becomes another program; should a child of it have kept that open, its own end still counts.
/// </summary>
#pragma warning disable CA1001 // its thread may still wait when nobody is interested any more; the process ends then
internal sealed unsafe partial class LeaseUser
#pragma warning restore CA1001
{
    private const int Input = 0;
    private const int Errors = 2;
    private const int OpenProcess = 434; // pidfd_open: the C library has no function for it before 2.36
    private const short Readable = 1;
    private const int Interrupted = 4;

    private readonly CancellationTokenSource _gone = new();
    private readonly int _process;

    private LeaseUser(int process) => _process = process;

    /// <summary>Cancelled when it is gone.</summary>
    public CancellationToken Gone => _gone.Token;

    /// <summary>Begins.</summary>
    /// <param name="process">Its id; 0: standard input alone tells.</param>
    public static LeaseUser Watch(int process)
    {
        // A process that is not there any more leaves standard input closed.
        var user = new LeaseUser(process == 0 ? -1 : Call(OpenProcess, process, 0));
#pragma warning disable RS0030 // the program's edge: a thread that may block in the kernel
        new Thread(user.Wait) { IsBackground = true, Name = "lease user" }.Start();
#pragma warning restore RS0030
        return user;
    }

    /// <summary>Standard error is not held open from here on.</summary>
    public static void LeaveErrors()
    {
        using var nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        _ = Duplicate((int)nothing.DangerousGetHandle(), Errors);
    }

    private void Wait()
    {
        const int IgnoredBytes = 64;
        var places = stackalloc PollDescriptor[2];
        places[0] = new PollDescriptor { Descriptor = Input, Events = Readable };
        places[1] = new PollDescriptor { Descriptor = _process, Events = Readable };
        byte* ignored = stackalloc byte[IgnoredBytes];
        while (true)
        {
            if (Poll(places, 2, -1) < 0)
            {
                if (Marshal.GetLastPInvokeError() == Interrupted)
                {
                    continue;
                }

                break;
            }

            if (places[1].Returned != 0 || (places[0].Returned != 0 && Read(Input, ignored, IgnoredBytes) <= 0))
            {
                break;
            }
        }

        _gone.Cancel();
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Call(long number, long process, long flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Read(int descriptor, void* into, nuint bytes);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Duplicate(int from, int to);
}
