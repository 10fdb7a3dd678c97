using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace GpuActors.Interception.Streams;

/// <summary>A Unix or TCP socket, used by plain blocking calls.</summary>
internal sealed unsafe class SocketTransport : Transport
{
    private readonly Socket _socket;

    public SocketTransport(Socket socket)
    {
        _socket = socket;
        Descriptor = (int)socket.Handle;
    }

    public override int Descriptor { get; }

    public override int Receive(byte* into, int bytes)
    {
        while (true)
        {
            nint received = Libc.Receive(Descriptor, into, (nuint)bytes, 0);
            if (received >= 0)
                return (int)received;
            int error = Marshal.GetLastPInvokeError();
            if (error != Libc.Interrupted)
                throw new IOException(Marshal.GetPInvokeErrorMessage(error));
        }
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
