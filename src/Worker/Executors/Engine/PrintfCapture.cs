using System.Runtime.InteropServices;
using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Kernels print to the process's standard output; this puts a pipe there and turns what comes out into Printf frames.
/// Who reports that a kernel is done drains the pipe first, so its words come before its end.
/// </summary>
internal sealed unsafe class PrintfCapture
{
    private const int BufferBytes = 32 << 10;

    /// <summary>What a session of the worker's own may print; beyond it output is counted and dropped.</summary>
    public const ulong MaxJobBytes = 16 << 20;

    private readonly object _gate = new();
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly int _pipe;
    private Outbox? _outbox;
    private ulong _sessionBytes;
    private ulong _mostBytes;

    private PrintfCapture(int pipe) => _pipe = pipe;

    /// <summary>Bytes that this session printed beyond its limit.</summary>
    public ulong DroppedBytes { get; private set; }

    /// <summary>Redirects standard output. Done once, before a driver is loaded.</summary>
    public static PrintfCapture Start()
    {
        int* ends = stackalloc int[2];
        Libc.ThrowIfFailed(Libc.Pipe(ends, Libc.OpenCloseOnExec), "pipe2");
        // Only the reading end must not block: a kernel that prints faster than the client reads has to wait.
        Libc.ThrowIfFailed(Libc.Fcntl(ends[0], Libc.FcntlSetFlags, Libc.OpenNonBlock), "fcntl");
        Libc.ThrowIfFailed(Libc.Duplicate(ends[1], Libc.StandardOutput), "dup2");
        Libc.Close(ends[1]);
        MakeUnbuffered();
        var capture = new PrintfCapture(ends[0]);
#pragma warning disable RS0030 // the executor process is the real edge: it needs a thread that may block in the kernel
        new Thread(capture.Pump) { IsBackground = true, Name = "printf" }.Start();
#pragma warning restore RS0030
        return capture;
    }

    /// <summary>Output goes to this session from here on; what an earlier one left is thrown away.</summary>
    /// <param name="outbox">The session's; null: nobody's.</param>
    /// <param name="most">Bytes that it may print. A client needs no limit: kernels wait while it does not take it.</param>
    public void Attach(Outbox? outbox, ulong most = ulong.MaxValue)
    {
        lock (_gate)
        {
            _outbox = null;
            DrainLocked();
            _outbox = outbox;
            _sessionBytes = 0;
            _mostBytes = most;
            DroppedBytes = 0;
        }
    }

    /// <summary>
    /// Sends on what is in the pipe now, whatever the client has taken so far: it is no more than a pipe holds.
    /// </summary>
    public void Drain()
    {
        var waiting = 0;
        if (Libc.Ioctl(_pipe, Libc.FionRead, &waiting) == 0 && waiting == 0)
            return;
        lock (_gate)
            DrainLocked();
    }

    private void DrainLocked()
    {
        var waiting = 0;
        if (Libc.Ioctl(_pipe, Libc.FionRead, &waiting) != 0)
            return;
        fixed (byte* buffer = _buffer)
        {
            while (waiting > 0)
            {
                nint read = Libc.Read(_pipe, buffer, (nuint)Math.Min(waiting, BufferBytes));
                if (read <= 0)
                    return;
                Send((int)read);
                waiting -= (int)read;
            }
        }
    }

    private void Send(int length)
    {
        if (_outbox is not { } outbox)
            return;
        _sessionBytes += (ulong)length;
        if (_sessionBytes > _mostBytes)
            DroppedBytes += (ulong)length;
        else
            outbox.Append(0, new Printf(_buffer.AsMemory(0, length)));
    }

    private void Pump()
    {
        try
        {
            while (true)
            {
                var descriptor = new Libc.PollDescriptor { Descriptor = _pipe, Events = Libc.PollIn };
                Libc.Poll(&descriptor, 1, -1);
                Outbox? outbox;
                lock (_gate)
                    outbox = _outbox;
                outbox?.WaitForRoom(); // the pipe fills meanwhile, and then the kernel waits
                lock (_gate)
                {
                    DrainLocked();
                    outbox = _outbox;
                }
                outbox?.Flush();
            }
        }
        catch (Exception exception)
        {
            EngineFault.Exit(exception);
        }
    }

    /// <summary>A driver that prints with C's stdio would keep its output in a buffer, for it no longer sees a terminal.</summary>
    private static void MakeUnbuffered()
    {
        const int Unbuffered = 2;
        nint library = NativeLibrary.Load("libc.so.6");
        if (NativeLibrary.TryGetExport(library, "stdout", out nint stream))
            Libc.SetBuffering(*(nint*)stream, null, Unbuffered, 0);
    }
}
