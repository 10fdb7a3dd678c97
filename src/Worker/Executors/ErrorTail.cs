using System.Text;

namespace GpuActors.Worker.Executors;

/// <summary>The end of what a process writes to standard error: it must be read, or the process would block.</summary>
internal sealed class ErrorTail
{
    private const int MaxBytes = 8 << 10;

    private readonly Lock _gate = new();
    private readonly byte[] _ring = new byte[MaxBytes];
    private long _written;

    private ErrorTail(Stream stream) => Reading = ReadAsync(stream);

    /// <summary>Ends when the process has closed its end.</summary>
    public Task Reading { get; }

    /// <summary>Starts to read.</summary>
    public static ErrorTail Of(Stream stream) => new(stream);

    public override string ToString()
    {
        lock (_gate)
        {
            var kept = (int)Math.Min(_written, MaxBytes);
            var bytes = new byte[kept];
            for (var i = 0; i < kept; i++)
                bytes[i] = _ring[(int)((_written - kept + i) % MaxBytes)];
            return Encoding.UTF8.GetString(bytes);
        }
    }

    private async Task ReadAsync(Stream stream)
    {
        var buffer = new byte[1024];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer).ConfigureAwait(false)) > 0)
                Keep(buffer.AsSpan(0, read));
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The pipe went away with its process: what was read is all there is.
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            foreach (byte value in bytes)
                _ring[(int)(_written++ % MaxBytes)] = value;
        }
    }
}
