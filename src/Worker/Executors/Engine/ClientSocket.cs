namespace GpuActors.Worker.Executors.Engine;

/// <summary>A client's connected socket, as the worker handed it over. This process has the only descriptor of it.</summary>
internal sealed unsafe class ClientSocket : IDisposable
{
    private int _closed;

    /// <param name="descriptor">Belongs to this object from here on.</param>
    public ClientSocket(int descriptor)
    {
        Descriptor = descriptor;
        Libc.ThrowIfFailed(Libc.Fcntl(descriptor, Libc.FcntlSetFlags, 0), "fcntl"); // the engine's threads may wait
    }

    public int Descriptor { get; }

    /// <summary>Ends both directions: whoever reads, writes or watches comes back.</summary>
    public void ShutDown() => _ = Libc.ShutDown(Descriptor, Libc.ShutdownBoth); // fails when the peer was first

    /// <summary>Waits until the peer is gone, has ended its direction, or <see cref="ShutDown"/> was called.</summary>
    public void WaitForEnd()
    {
        const short Closed = Libc.PollPeerClosed | Libc.PollHangUp | Libc.PollErr;
        while (true)
        {
            var descriptor = new Libc.PollDescriptor { Descriptor = Descriptor, Events = Libc.PollPeerClosed };
            if (Libc.Poll(&descriptor, 1, -1) > 0 && (descriptor.Returned & Closed) != 0)
                return;
        }
    }

    /// <summary>Nobody may use the socket any more.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
            _ = Libc.Close(Descriptor);
    }
}
