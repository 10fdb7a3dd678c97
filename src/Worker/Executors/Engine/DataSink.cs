using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>Where the data of a command goes as it comes in.</summary>
internal abstract class DataSink(ulong totalBytes)
{
    /// <summary>Bytes received.</summary>
    public ulong ReceivedBytes { get; private set; }

    /// <summary>Whether everything is there.</summary>
    public bool IsComplete => ReceivedBytes == totalBytes;

    /// <summary>Where the next piece is to be put, after checking that it is the next.</summary>
    /// <exception cref="ProtocolException">The piece does not follow the one before, or is too long.</exception>
    public Span<byte> Begin(ulong sequence, ulong offset, int length)
    {
        if (offset != ReceivedBytes || (ulong)length > totalBytes - ReceivedBytes)
        {
            throw new ProtocolException(
                $"Data #{sequence}: {length} bytes at {offset}, where {ReceivedBytes} of {totalBytes} bytes are there");
        }
        return Place(offset, length);
    }

    /// <summary>The piece is in its place.</summary>
    public void End(ulong offset, int length)
    {
        ReceivedBytes += (ulong)length;
        Received(offset, length);
    }

    /// <summary>The command can be finished: nothing is missing.</summary>
    public abstract void Finish();

    /// <summary>No more will come: the stream has ended.</summary>
    public virtual void Abandon()
    {
    }

    protected abstract Span<byte> Place(ulong offset, int length);

    protected virtual void Received(ulong offset, int length)
    {
    }
}

/// <summary>Data of a command that has failed already.</summary>
internal sealed class DiscardedData(ulong totalBytes) : DataSink(totalBytes)
{
    private readonly byte[] _nowhere = new byte[(int)Math.Min(totalBytes, ProtocolLimits.MaxPayloadBytes)];

    public override void Finish()
    {
    }

    protected override Span<byte> Place(ulong offset, int length) => _nowhere.AsSpan(0, length);
}

/// <summary>Data that is needed in one piece: sources, binaries, initial contents.</summary>
internal sealed class GatheredData(int totalBytes, Action<byte[]> finish) : DataSink((ulong)totalBytes)
{
    // Grows with what really comes: an announcement alone costs nothing.
    private byte[] _content = new byte[Math.Min(totalBytes, ProtocolLimits.MaxPayloadBytes)];

    public override void Finish() => finish(_content.Length == totalBytes ? _content : _content[..totalBytes]);

    protected override Span<byte> Place(ulong offset, int length)
    {
        var end = (int)offset + length;
        if (end > _content.Length)
            Array.Resize(ref _content, (int)Math.Min(totalBytes, Math.Max(end, _content.Length * 2L)));
        return _content.AsSpan((int)offset, length);
    }
}
