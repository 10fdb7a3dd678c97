using System.Buffers;
using System.IO.Pipelines;
using GpuActors.Actors.Remoting.Wire;

namespace GpuActors.Actors.Remoting.Handshakes;

/// <summary>One handshake frame in or out of a pipe.</summary>
static class HandshakeFrames
{
    public static async Task<byte[]> ReadAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            var status = FrameCodec.TryRead(
                ref buffer, HandshakeCodec.FrameBytesMax, out var frame, out var claimedBytes);
            if (status == FrameStatus.Complete)
            {
                var body = frame.ToArray();
                input.AdvanceTo(buffer.Start);
                return body;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (status == FrameStatus.Refused)
            {
                throw new WireFormatException(
                    $"a handshake frame claims {claimedBytes:N0} bytes; 1 to {HandshakeCodec.FrameBytesMax:N0} "
                    + "are allowed");
            }

            if (result.IsCompleted || result.IsCanceled)
            {
                throw new WireFormatException("the connection was closed in the middle of the handshake");
            }
        }
    }

    /// <summary>
    /// Waits until the peer has hung up, so that what was sent to it last is not lost with the connection.
    /// </summary>
    public static async Task ReadToEndAsync(PipeReader input, CancellationToken cancellationToken)
    {
        try
        {
            for (long dropped = 0; dropped < HandshakeCodec.FrameBytesMax;)
            {
                var result = await input.ReadAsync(cancellationToken);
                dropped += result.Buffer.Length;
                input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted || result.IsCanceled)
                {
                    return;
                }
            }
        }
        catch (IOException)
        {
            // Hung up, if not politely.
        }
    }

    public static async Task WriteAsync(PipeWriter output, byte[] body, CancellationToken cancellationToken)
    {
        FrameCodec.Write(output, body);
        await output.FlushAsync(cancellationToken);
    }
}
