using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Scheduler.Blobs;

/// <summary>A blob in parts as one seekable stream that holds one part in memory at a time.</summary>
internal sealed class BlobPartsStream(IEventStore store, string tenant, BlobHash hash, long sizeBytes) : Stream
{
    private ReadOnlyMemory<byte> _part;
    private long _partIndex = -1;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => sizeBytes;

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= sizeBytes || buffer.IsEmpty)
        {
            return 0;
        }

        var (index, offset) = Math.DivRem(Position, StoreLimits.MaxBlobBytes);
        if (index != _partIndex)
        {
            _part = await store.ReadBlobPartAsync(tenant, hash, (int)index, cancellationToken)
                ?? throw new IOException($"Part {index} of blob {hash} is missing in the store.");
            _partIndex = index;
        }

        var count = Math.Min(buffer.Length, _part.Length - (int)offset);
        _part.Slice((int)offset, count).CopyTo(buffer);
        Position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A blob is read asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => sizeBytes + offset,
    };

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
        // Nothing is ever written.
    }
}
