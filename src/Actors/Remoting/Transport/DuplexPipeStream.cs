using System.Buffers;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Remoting.Transport;

/// <summary>A connection's two pipes as the one stream that TLS wants.</summary>
sealed class DuplexPipeStream(INetworkConnection connection) : ForwardingStream
{
    public override bool CanWrite => true;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var result = await connection.Input.ReadAsync(cancellationToken);
            var available = result.Buffer;
            if (available.IsEmpty && !result.IsCompleted && buffer.Length > 0)
            {
                connection.Input.AdvanceTo(available.Start);
                continue;
            }

            var taken = available.Slice(0, Math.Min(available.Length, buffer.Length));
            taken.CopyTo(buffer.Span);
            connection.Input.AdvanceTo(taken.End);
            return (int)taken.Length;
        }
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var result = await connection.Output.WriteAsync(buffer, cancellationToken);
        if (result.IsCompleted)
        {
            throw new IOException("The other end has closed the connection");
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
