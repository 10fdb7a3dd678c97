namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Ends the process the moment the worker's end of the socket closes: the worker died or let go of the session. The
/// reader may be waiting for a kernel that never ends, so this is a thread of its own, and it ends the process
/// without asking anybody.
/// </summary>
internal static unsafe class ControlSocketWatch
{
    public static void Start(int socket)
    {
#pragma warning disable RS0030 // the executor process is the real edge: it needs a thread that may block in the kernel
        new Thread(() => Watch(socket)) { IsBackground = true, Name = "watch" }.Start();
#pragma warning restore RS0030
    }

    private static void Watch(int socket)
    {
        const short Closed = Libc.PollPeerClosed | Libc.PollHangUp | Libc.PollErr;
        while (true)
        {
            var descriptor = new Libc.PollDescriptor { Descriptor = socket, Events = Libc.PollPeerClosed };
            if (Libc.Poll(&descriptor, 1, -1) > 0 && (descriptor.Returned & Closed) != 0)
                Libc.ExitNow(ExitCode.Orphaned);
        }
    }
}
