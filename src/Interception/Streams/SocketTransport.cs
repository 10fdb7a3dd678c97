using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace GpuActors.Interception.Streams;

/// <summary>A Unix or TCP socket, used by plain blocking calls.</summary>
internal sealed unsafe class SocketTransport : Transport
{
    private readonly Socket _socket;
    private byte[] _unread = [];
    private int _unreadFirst;

    public SocketTransport(Socket socket)
    {
        _socket = socket;
        Descriptor = (int)socket.Handle;
    }

    public override int Descriptor { get; }

    public override bool HasReceived => _unreadFirst < _unread.Length;

    public override bool HasRoom => Polls(Libc.PollOut, Libc.PollOut);

    /// <summary>Whether receiving would not wait.</summary>
    public bool HasBytes => HasReceived || Polls(Libc.PollIn, -1);

    /// <summary>Whether the other side is gone or has ended its direction.</summary>
    public bool HasEnded => Polls(Libc.PollPeerClosed, Libc.PollPeerClosed | Libc.PollHangUp | Libc.PollError);

    public override int Receive(byte* into, int bytes, bool mayWait = true)
    {
        if (HasReceived)
            return TakeUnread(into, bytes);
        while (true)
        {
            nint received = Libc.Receive(Descriptor, into, (nuint)bytes, mayWait ? 0 : Libc.DontWait);
            if (received >= 0)
                return (int)received;
            int error = Marshal.GetLastPInvokeError();
            if (error == Libc.Again && !mayWait)
                return NothingYet;
            if (error != Libc.Interrupted)
                throw new IOException(Marshal.GetPInvokeErrorMessage(error));
        }
    }

    /// <summary>Bytes that were received already; they come before all others.</summary>
    public void Unread(byte[] bytes) => (_unread, _unreadFirst) = (bytes, 0);

    /// <summary>Waits for bytes, and a descriptor that may come with the first.</summary>
    /// <param name="into">Where they go.</param>
    /// <param name="descriptor">Belongs to the caller; −1: none came.</param>
    /// <returns>How many bytes; 0: the stream has ended.</returns>
    /// <exception cref="IOException">The connection is lost.</exception>
    public int ReceiveWithDescriptor(Span<byte> into, out int descriptor)
    {
        fixed (byte* start = into)
        {
            var piece = new Libc.Piece { Start = start, Length = (nuint)into.Length };
            var control = default(Libc.DescriptorMessage);
            var message = new Libc.Message
            {
                Pieces = &piece, Count = 1, Control = &control, ControlLength = (nuint)sizeof(Libc.DescriptorMessage),
            };
            nint received;
            while ((received = Libc.Receive(Descriptor, &message, Libc.CloseOnExec)) < 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error != Libc.Interrupted)
                    throw new IOException(Marshal.GetPInvokeErrorMessage(error));
            }
            bool came = message.ControlLength > 0 && control is { Level: Libc.SocketLevel, Type: Libc.SocketRights };
            descriptor = came ? control.Descriptor : -1;
            return (int)received;
        }
    }

    /// <summary>Sends a byte, unless the other side has enough of them to read.</summary>
    public void RingBell()
    {
        byte bell = 0;
        var piece = new Libc.Piece { Start = &bell, Length = 1 };
        var message = new Libc.Message { Pieces = &piece, Count = 1 };
        _ = Libc.Send(Descriptor, &message, Libc.NoSignal | Libc.DontWait); // who is gone is noticed by its end
    }

    public override void Send(Span<Libc.Piece> pieces)
    {
        fixed (Libc.Piece* all = pieces)
        {
            Libc.Piece* first = all;
            Libc.Piece* end = all + pieces.Length;
            while (true)
            {
                while (first < end && first->Length == 0)
                    first++;
                if (first == end)
                    return;
                Advance(SendSome(first, end), ref first);
            }
        }
    }

    public override void Shutdown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // it had ended already
        }
    }

    public override void Dispose() => _socket.Dispose();

    private bool Polls(short events, int wanted)
    {
        var descriptor = new Libc.PollDescriptor { Descriptor = Descriptor, Events = events };
        return Libc.Poll(&descriptor, 1, 0) == 1 && (descriptor.Returned & wanted) != 0;
    }

    private int TakeUnread(byte* into, int bytes)
    {
        int taken = Math.Min(bytes, _unread.Length - _unreadFirst);
        _unread.AsSpan(_unreadFirst, taken).CopyTo(new Span<byte>(into, taken));
        _unreadFirst += taken;
        return taken;
    }

    private nuint SendSome(Libc.Piece* first, Libc.Piece* end)
    {
        while (true)
        {
            var message = new Libc.Message { Pieces = first, Count = (nuint)(end - first) };
            nint sent = Libc.Send(Descriptor, &message, Libc.NoSignal);
            if (sent >= 0)
                return (nuint)sent;
            int error = Marshal.GetLastPInvokeError();
            if (error != Libc.Interrupted)
                throw new IOException(Marshal.GetPInvokeErrorMessage(error));
        }
    }

    private static void Advance(nuint sent, ref Libc.Piece* first)
    {
        while (sent > 0)
        {
            nuint step = Math.Min(sent, first->Length);
            first->Start = (byte*)first->Start + step;
            first->Length -= step;
            sent -= step;
            if (first->Length == 0)
                first++;
        }
    }
}
