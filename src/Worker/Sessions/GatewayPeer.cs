using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using GpuActors.Shared.Commands;
using GpuActors.Worker.Executors.Engine;

namespace GpuActors.Worker.Sessions;

/// <summary>
/// A connection to the gateway, until it is handed over or kept. Its socket is used by direct system calls with a
/// deadline: once .NET's event loop has seen a socket it hears of it as long as any process has it open, and would be
/// woken by every packet of a stream that an executor serves.
/// </summary>
/// <param name="socket">Just accepted; belongs to the peer.</param>
/// <param name="isEncrypted">TLS begins after the handshake.</param>
/// <param name="time">Clock.</param>
internal sealed class GatewayPeer(Socket socket, bool isEncrypted, TimeProvider time) : IDisposable
{
    /// <summary>TLS begins after the handshake.</summary>
    public bool IsEncrypted => isEncrypted;

    /// <summary>Who it is, for logs.</summary>
    public string Name
    {
        get
        {
            try
            {
                return socket.RemoteEndPoint?.ToString() is { Length: > 0 } name ? name : "a process of this machine";
            }
            catch (SocketException)
            {
                return "somebody who is gone";
            }
        }
    }

    /// <summary>The socket, of which nothing beyond the frames that were read was taken.</summary>
    public Socket Socket => socket;

    /// <summary>The peer has gone or closed its direction.</summary>
    public unsafe bool HasLeft
    {
        get
        {
            const short Closed = Libc.PollPeerClosed | Libc.PollHangUp | Libc.PollErr;
            var descriptor = new Libc.PollDescriptor { Descriptor = (int)socket.Handle, Events = Libc.PollPeerClosed };
            return Libc.Poll(&descriptor, 1, 0) > 0 && (descriptor.Returned & Closed) != 0;
        }
    }

    /// <summary>Reads one frame, and nothing of what follows it.</summary>
    /// <param name="deadline">In the clock's ticks.</param>
    /// <exception cref="ProtocolException">It is none, or too long for a handshake.</exception>
    /// <exception cref="IOException">The connection ended.</exception>
    /// <exception cref="TimeoutException">The deadline has passed.</exception>
    public Frame Read(long deadline)
    {
        var head = new byte[FrameHeader.SizeBytes];
        Fill(head, deadline);
        FrameHeader.TryRead(head, out var header);
        if (header.PayloadBytes > GatewayHandshake.MaxPayloadBytes)
        {
            throw new ProtocolException(
                $"{header.Opcode} #{header.Sequence}: payload of {header.PayloadBytes} bytes; in a handshake at most "
                + $"{GatewayHandshake.MaxPayloadBytes} are allowed");
        }

        var payload = new byte[header.PayloadBytes];
        Fill(payload, deadline);
        return new Frame(header, payload);
    }

    /// <summary>Writes one frame with sequence number 0.</summary>
    /// <exception cref="IOException">The connection ended.</exception>
    /// <exception cref="TimeoutException">The deadline has passed.</exception>
    public void Write<T>(in T body, long deadline)
        where T : struct, IFrameBody
    {
        var output = new ArrayBufferWriter<byte>();
        CommandWriter.Write(output, 0, body);
        for (var rest = output.WrittenSpan; rest.Length > 0;)
        {
            Await(Libc.PollOut, deadline);
            rest = rest[SendSome(rest)..];
        }
    }

    /// <summary>Says why it is not served, if it can hear it at once.</summary>
    public void Refuse(int code, string reason)
    {
        try
        {
            Write(new Goodbye(code, reason), time.GetTimestamp());
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            // It is gone, or takes nothing.
        }
    }

    public void Dispose() => socket.Dispose();

    private unsafe void Fill(Span<byte> destination, long deadline)
    {
        while (destination.Length > 0)
        {
            Await(Libc.PollIn, deadline);
            nint received;
            fixed (byte* start = destination)
            {
                received = Libc.Receive((int)socket.Handle, start, (nuint)destination.Length, Libc.MessageDontWait);
            }

            if (received == 0)
            {
                throw new EndOfStreamException("the connection ended within the handshake");
            }

            destination = destination[Took(received, "recv")..];
        }
    }

    private unsafe int SendSome(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            var vector = new Libc.IoVector { Start = start, Length = (nuint)bytes.Length };
            var message = new Libc.MessageHeader { Vectors = &vector, VectorCount = 1 };
            return Took(
                Libc.SendMessage((int)socket.Handle, &message, Libc.MessageDontWait | Libc.MessageNoSignal), "sendmsg");
        }
    }

    private static int Took(nint count, string call)
    {
        if (count < 0 && Marshal.GetLastPInvokeError() is Libc.ErrorInterrupted or Libc.ErrorAgain)
        {
            return 0;
        }

        Libc.ThrowIfFailed(count, call);
        return (int)count;
    }

    private unsafe void Await(short events, long deadline)
    {
        var patience = time.GetElapsedTime(time.GetTimestamp(), deadline).TotalMilliseconds;
        var descriptor = new Libc.PollDescriptor { Descriptor = (int)socket.Handle, Events = events };
        var ready = Libc.Poll(&descriptor, 1, (int)Math.Clamp(Math.Ceiling(patience), 0, int.MaxValue));
        if (ready == 0)
        {
            throw new TimeoutException("the handshake took too long");
        }
    }
}
