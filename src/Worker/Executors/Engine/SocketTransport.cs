using System.Runtime.InteropServices;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>A connected socket, Unix or TCP, used by direct system calls.</summary>
internal sealed unsafe class SocketTransport : ClientTransport
{
    private readonly int _descriptor;
    private int _closed;

    /// <param name="descriptor">Belongs to this object from here on.</param>
    public SocketTransport(int descriptor)
    {
        _descriptor = descriptor;
        Libc.ThrowIfFailed(Libc.Fcntl(descriptor, Libc.FcntlSetFlags, 0), "fcntl"); // the engine's threads may wait
    }

    /// <summary>Whether some KiB would be taken without waiting, while nobody else sends.</summary>
    public bool HasRoom
    {
        get
        {
            var descriptor = new Libc.PollDescriptor { Descriptor = _descriptor, Events = Libc.PollOut };
            return Libc.Poll(&descriptor, 1, 0) == 1 && descriptor.Returned == Libc.PollOut;
        }
    }

    /// <summary>Whether it connects processes of this machine, so that descriptors can be sent over it.</summary>
    public bool IsLocal
    {
        get
        {
            int family;
            uint length = sizeof(int);
            return Libc.GetSocketOption(_descriptor, Libc.SocketLevel, Libc.SocketDomain, &family, &length) == 0
                && family == Libc.UnixFamily;
        }
    }

    /// <summary>Whether <see cref="WaitForEnd"/> would come back at once.</summary>
    public bool HasEnded => HasClosed(0);

    /// <summary>Waits for one of these events, or for errors. 0: none came in that time.</summary>
    public short Wait(short events, int milliseconds)
    {
        var descriptor = new Libc.PollDescriptor { Descriptor = _descriptor, Events = events };
        return Libc.Poll(&descriptor, 1, milliseconds) > 0 ? descriptor.Returned : (short)0;
    }

    public override int Receive(byte* into, int length)
    {
        while (true)
        {
            nint read = Libc.Receive(_descriptor, into, (nuint)length, 0);
            if (read >= 0)
                return (int)read;
            if (Marshal.GetLastPInvokeError() != Libc.ErrorInterrupted)
                return 0; // a connection reset is an end like another
        }
    }

    public override nint Send(Libc.IoVector* vectors, int count, bool mayWait)
    {
        var message = new Libc.MessageHeader { Vectors = vectors, VectorCount = (nuint)count };
        return Send(&message, mayWait);
    }

    /// <summary>As the other; the peer gets a descriptor with the first byte.</summary>
    public nint Send(Libc.IoVector* vectors, int count, bool mayWait, int descriptor)
    {
        var control = new Libc.DescriptorMessage
        {
            Length = Libc.DescriptorMessage.ContentBytes,
            Level = Libc.SocketLevel,
            Type = Libc.SocketRights,
            Descriptor = descriptor,
        };
        var message = new Libc.MessageHeader
        {
            Vectors = vectors,
            VectorCount = (nuint)count,
            Control = &control,
            ControlLength = (nuint)sizeof(Libc.DescriptorMessage),
        };
        return Send(&message, mayWait);
    }
    public override void ShutDown() => _ = Libc.ShutDown(_descriptor, Libc.ShutdownBoth); // fails when the peer was first

    public override void WaitForEnd()
    {
        while (!HasClosed(-1))
        {
        }
    }

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
            _ = Libc.Close(_descriptor);
    }

    private bool HasClosed(int patienceMs)
    {
        const short Closed = Libc.PollPeerClosed | Libc.PollHangUp | Libc.PollErr;
        var descriptor = new Libc.PollDescriptor { Descriptor = _descriptor, Events = Libc.PollPeerClosed };
        return Libc.Poll(&descriptor, 1, patienceMs) > 0 && (descriptor.Returned & Closed) != 0;
    }

    private nint Send(Libc.MessageHeader* message, bool mayWait)
    {
        int flags = Libc.MessageNoSignal | (mayWait ? 0 : Libc.MessageDontWait);
        while (true)
        {
            nint sent = Libc.SendMessage(_descriptor, message, flags);
            if (sent >= 0)
                return sent;
            int error = Marshal.GetLastPInvokeError();
            if (error != Libc.ErrorInterrupted)
                return error == Libc.ErrorAgain ? WouldBlock : Gone;
        }
    }
}
