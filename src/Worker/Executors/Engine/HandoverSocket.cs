using System.Buffers;
using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// The executor's end of the socket over which its worker hands clients' sockets over. A thread of its own takes them,
/// one after the other, and is then the reader of their streams: the worker's connection is served beside it. Streams that
/// may have other connections have readers of their own, for the thread goes on to take those.
/// </summary>
internal sealed unsafe class HandoverSocket(int socket, ExecutorServer executor)
{
    private ResumableTransport? _resumable;

    /// <summary>Begins to take clients.</summary>
    public void Start() => Begin("clients", TakeClients);

    private static void Begin(string name, Action run)
    {
#pragma warning disable RS0030 // the executor process is the real edge: it needs threads that may block in the kernel
        new Thread(() => Guard(run)) { IsBackground = true, Name = name }.Start();
#pragma warning restore RS0030
    }

    private static void Guard(Action run)
    {
        try
        {
            run();
        }
        catch (Exception exception)
        {
            EngineFault.Exit(exception);
        }
    }

    private void TakeClients()
    {
        while (TryTake(out int client, out Frame frame))
        {
            if (frame.Opcode == Opcode.TakeResumable)
                Take(client, CommandReader.Read<TakeResumable>(frame));
            else
                Lend(Open(client, CommandReader.Read<TakeClient>(frame)))?.Run();
        }
    }

    private void Take(int client, TakeResumable take)
    {
        if (!take.Resumes)
        {
            var taken = new ResumableTransport(client, take, executor.Time) { Changed = linked => Report(linked) };
            _resumable = taken;
            if (Lend(taken) is { } stream)
                Begin("client", stream.Run);
        }
        else if (_resumable is { } resumable && resumable.Is(take.Stream))
        {
            Begin("client again", () => resumable.Resume(client, take));
        }
        else
        {
            _ = Libc.Close(client); // its stream has just ended: the next try hears so from the worker
        }
    }

    private ClientStream? Lend(ClientTransport taken)
    {
        if (executor.Lend(taken) is { } stream)
        {
            Begin("client watch", () => Report(stream.WaitForEnd()));
            return stream;
        }
        taken.Dispose();
        Report(new StreamEnded(OpenClErrors.SessionRefused, 0, 0, 0, "no session is open that nobody has used"));
        return null;
    }

    private static ClientTransport Open(int client, in TakeClient take)
    {
        var socket = new SocketTransport(client);
        if (take.Certificate.Length > 0)
            return new TlsTransport(socket, take);
        return socket.IsLocal && SharedMemory.TryCreate(MemoryTransport.RingBytes) is { } memory
            ? new MemoryTransport(socket, memory)
            : socket;
    }

    /// <summary>Waits for a client. False when the worker is gone, which ends the process.</summary>
    private bool TryTake(out int client, out Frame frame)
    {
        frame = default;
        var head = new byte[FrameHeader.SizeBytes];
        client = ReceiveWithDescriptor(head);
        if (client < 0)
            return false;
        FrameHeader.TryRead(head, out FrameHeader header);
        var payload = new byte[header.PayloadBytes];
        if (!Fill(payload))
            return false;
        frame = new Frame(header, payload);
        return true;
    }

    private int ReceiveWithDescriptor(byte[] head)
    {
        fixed (byte* start = head)
        {
            var vector = new Libc.IoVector { Start = start, Length = (nuint)head.Length };
            var control = default(Libc.DescriptorMessage);
            var message = new Libc.MessageHeader
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = &control,
                ControlLength = (nuint)sizeof(Libc.DescriptorMessage),
            };
            nint received;
            while ((received = Libc.ReceiveMessage(socket, &message, Libc.MessageCloseOnExec)) < 0 && WasInterrupted())
            {
            }
            if (received <= 0)
                return -1;
            if (message.ControlLength == 0 || control is not { Level: Libc.SocketLevel, Type: Libc.SocketRights })
                throw new ProtocolException("a TakeClient frame came without a socket");
            return received == head.Length || Fill(head.AsSpan((int)received)) ? control.Descriptor : -1;
        }
    }

    private bool Fill(Span<byte> rest)
    {
        fixed (byte* start = rest)
        {
            for (var at = 0; at < rest.Length;)
            {
                nint received = Libc.Receive(socket, start + at, (nuint)(rest.Length - at), 0);
                if (received <= 0 && !(received < 0 && WasInterrupted()))
                    return false;
                at += (int)Math.Max(0, received);
            }
        }
        return true;
    }

    private void Report<T>(in T told)
        where T : struct, IFrameBody
    {
        var output = new ArrayBufferWriter<byte>();
        CommandWriter.Write(output, 0, told);
        ReadOnlySpan<byte> bytes = output.WrittenSpan;
        fixed (byte* start = bytes)
        {
            var vector = new Libc.IoVector { Start = start, Length = (nuint)bytes.Length };
            var message = new Libc.MessageHeader { Vectors = &vector, VectorCount = 1 };
            while (vector.Length > 0)
            {
                nint sent = Libc.SendMessage(socket, &message, Libc.MessageNoSignal);
                if (sent < 0 && !WasInterrupted())
                    return; // the worker is gone, which ends the process
                vector.Start = (byte*)vector.Start + Math.Max(0, sent);
                vector.Length -= (nuint)Math.Max(0, sent);
            }
        }
    }

    private static bool WasInterrupted() =>
        System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == Libc.ErrorInterrupted;
}
