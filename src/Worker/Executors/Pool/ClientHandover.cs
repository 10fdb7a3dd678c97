using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using GpuActors.Shared.Commands;
using GpuActors.Worker.Executors.Engine;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>
/// The worker's end of the socket over which an executor gets clients' sockets (SCM_RIGHTS, unix(7)), one at a time, and
/// says when their streams have ended.
/// </summary>
internal sealed class ClientHandover(Socket socket) : IDisposable
{
    private readonly Lock _sending = new();
    private readonly NetworkStream _stream = new(socket, ownsSocket: true);

    /// <summary>Hands a socket over. The executor has its own descriptor of it then; the caller closes this one.</summary>
    /// <exception cref="IOException">The executor is gone.</exception>
    public void Send<T>(Socket client, T take)
        where T : struct, IFrameBody
    {
        var output = new ArrayBufferWriter<byte>();
        CommandWriter.Write(output, 0, take);
        try
        {
            lock (_sending)
            {
                Send((int)socket.Handle, (int)client.Handle, output.WrittenSpan);
            }
        }
        catch (ObjectDisposedException e)
        {
            throw new IOException("The executor is gone.", e);
        }
    }

    /// <summary>Waits for the end of the stream whose socket was sent last.</summary>
    /// <param name="changed">Hears of its connections, if it may have several.</param>
    /// <exception cref="IOException">The executor is gone, or what it says is no frame.</exception>
    public async Task<StreamEnded> EndAsync(Action<StreamLinked>? changed = null)
    {
        try
        {
            while (true)
            {
                var frame = await GatewayHandshake.ReadAsync(_stream, CancellationToken.None).ConfigureAwait(false);
                if (frame.Opcode != Opcode.StreamLinked)
                {
                    return CommandReader.Read<StreamEnded>(frame);
                }

                changed?.Invoke(CommandReader.Read<StreamLinked>(frame));
            }
        }
        catch (ObjectDisposedException e)
        {
            throw new IOException("The executor is gone.", e);
        }
    }

    public void Dispose() => _stream.Dispose();

    private static unsafe void Send(int handover, int client, ReadOnlySpan<byte> frame)
    {
        fixed (byte* start = frame)
        {
            var vector = new Libc.IoVector { Start = start, Length = (nuint)frame.Length };
            var control = new Libc.DescriptorMessage
            {
                Length = Libc.DescriptorMessage.ContentBytes,
                Level = Libc.SocketLevel,
                Type = Libc.SocketRights,
                Descriptor = client,
            };
            var message = new Libc.MessageHeader
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = &control,
                ControlLength = (nuint)sizeof(Libc.DescriptorMessage),
            };
            nint sent;
            do
            {
                sent = Libc.SendMessage(handover, &message, Libc.MessageDontWait | Libc.MessageNoSignal);
            }
            while (sent < 0 && Marshal.GetLastPInvokeError() == Libc.ErrorInterrupted);
            Libc.ThrowIfFailed(sent, "sendmsg");
            if (sent != frame.Length)
            {
                throw new IOException($"The executor took {sent} of {frame.Length} bytes of a client's hand-over.");
            }
        }
    }
}
