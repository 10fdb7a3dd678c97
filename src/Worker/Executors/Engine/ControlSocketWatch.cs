namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Ends the process the moment the worker's end of the socket closes (the worker died or let go of the session), and when
/// the worker's lease ends while a session is open: then the worker is frozen, or it would have ended the session. The
/// reader may be waiting for a kernel that never ends, so this is a thread of its own, and it ends the process
/// without asking anybody.
/// </summary>
internal static unsafe class ControlSocketWatch
{
    public static void Start(int socket, WorkerLease? lease)
    {
#pragma warning disable RS0030 // the executor process is the real edge: it needs a thread that may block in the kernel
        new Thread(() => Watch(socket, lease)) { IsBackground = true, Name = "watch" }.Start();
#pragma warning restore RS0030
    }

    private static void Watch(int socket, WorkerLease? lease)
    {
        const short Closed = Libc.PollPeerClosed | Libc.PollHangUp | Libc.PollErr;
        while (true)
        {
            var descriptor = new Libc.PollDescriptor { Descriptor = socket, Events = Libc.PollPeerClosed };
            if (Libc.Poll(&descriptor, 1, lease?.NextLookMs ?? -1) > 0 && (descriptor.Returned & Closed) != 0)
                Libc.ExitNow(ExitCode.Orphaned);
            if (lease is { ForbidsSession: true })
                Libc.ExitNow(ExitCode.LeaseEnded); // without a word: nobody may be reading, and a full pipe would hold us
        }
    }
}
