using GpuActors.Actors.Persistence.Store;
using GpuActors.Shared.Api;

namespace GpuActors.Scheduler.Blobs;

/// <summary>
/// Content by its SHA-256, each tenant's apart from the others'. Small blobs lie in the event store, where they are
/// written in the same transactions as events; large ones are files.
/// </summary>
public sealed class BlobStore(IEventStore store, BlobFolder folder, OwnershipToken ownership)
{
    /// <summary>Starts an upload; nothing is visible before <see cref="BlobUpload.CommitAsync"/>.</summary>
    public BlobUpload Begin(string tenant) => new(this, tenant);

    /// <summary>The tenant has this blob.</summary>
    public async Task<bool> ContainsAsync(string tenant, string sha256, CancellationToken cancellationToken)
    {
        var content = await OpenAsync(tenant, sha256, cancellationToken);
        if (content is null)
        {
            return false;
        }

        await content.DisposeAsync();
        return true;
    }

    /// <summary>The blob's content, seekable; null if the tenant has none with this hash.</summary>
    public async Task<Stream?> OpenAsync(string tenant, string sha256, CancellationToken cancellationToken)
    {
        if (!BlobHash.TryParse(sha256, out var hash))
        {
            return null;
        }

        if (folder.Open(tenant, hash) is { } file)
        {
            return file;
        }

        return await store.ReadBlobAsync(tenant, hash, cancellationToken) is { } content
            ? new MemoryStream(content.ToArray(), writable: false)
            : null;
    }

    internal Task PutSmallAsync(Blob blob, CancellationToken cancellationToken) =>
        store.PutBlobsAsync(ownership, [blob], cancellationToken);

    internal BlobFolder.IncomingBlob BeginFile() => folder.Begin();
}

/// <summary>An upload on its way: in memory while it is small, in a file once it is not.</summary>
public sealed class BlobUpload : IAsyncDisposable
{
    private readonly BlobStore _blobs;
    private readonly string _tenant;
    private readonly MemoryStream _small = new();
    private BlobFolder.IncomingBlob? _file;

    internal BlobUpload(BlobStore blobs, string tenant)
    {
        _blobs = blobs;
        _tenant = tenant;
    }

    /// <summary>Bytes so far.</summary>
    public long SizeBytes => _file?.SizeBytes ?? _small.Length;

    /// <summary>Appends <paramref name="bytes"/>.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_file is null && _small.Length + bytes.Length <= StoreLimits.MaxBlobBytes)
        {
            _small.Write(bytes.Span);
            return;
        }

        if (_file is null)
        {
            _file = _blobs.BeginFile();
            await _file.WriteAsync(_small.GetBuffer().AsMemory(0, (int)_small.Length), cancellationToken);
        }

        await _file.WriteAsync(bytes, cancellationToken);
    }

    /// <summary>The SHA-256 of what was written, in lower-case hexadecimal.</summary>
    public string Sha256() => (_file?.Hash() ?? BlobHash.Of(SmallContent())).ToString();

    /// <summary>Makes it a blob of the tenant, durably.</summary>
    public async Task<BlobInfo> CommitAsync(CancellationToken cancellationToken)
    {
        var info = new BlobInfo { Sha256 = Sha256(), Size = SizeBytes };
        if (_file is null)
        {
            await _blobs.PutSmallAsync(new Blob(_tenant, _small.ToArray()), cancellationToken);
        }
        else
        {
            _file.Commit(_tenant);
        }

        return info;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _small.DisposeAsync();
        if (_file is not null)
        {
            await _file.DisposeAsync();
        }
    }

    private ReadOnlySpan<byte> SmallContent() => _small.GetBuffer().AsSpan(0, (int)_small.Length);
}
