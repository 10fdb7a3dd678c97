using System.Text;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>The last bytes that a process wrote to its standard error and output; older ones are overwritten.</summary>
internal sealed class OutputTail
{
    private const int CapacityBytes = 16 << 10;

    private readonly Lock _lock = new();
    private readonly byte[] _ring = new byte[CapacityBytes];
    private long _written;

    /// <summary>Adds what <paramref name="stream"/> gives until it ends.</summary>
    public async Task DrainAsync(Stream stream)
    {
        var buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                Append(buffer.AsSpan(0, read));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The pipe went with the process; what came until then is kept.
        }
    }

    /// <summary>What is kept, as text.</summary>
    public string Read()
    {
        lock (_lock)
        {
            var count = (int)Math.Min(_written, CapacityBytes);
            var bytes = new byte[count];
            var first = (int)((_written - count) % CapacityBytes);
            var head = Math.Min(count, CapacityBytes - first);
            _ring.AsSpan(first, head).CopyTo(bytes);
            _ring.AsSpan(0, count - head).CopyTo(bytes.AsSpan(head));
            return Encoding.UTF8.GetString(bytes);
        }
    }

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            foreach (var value in bytes)
            {
                _ring[_written++ % CapacityBytes] = value;
            }
        }
    }
}
