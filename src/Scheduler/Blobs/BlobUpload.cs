using System.Security.Cryptography;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Shared.Api;

namespace GpuActors.Scheduler.Blobs;

/// <summary>
/// An upload on its way. What is written gathers until a part is full; a part goes to the store at once, where it stays
/// invisible. So an upload of any size takes no more memory than a part, and one that is given up leaves only what the
/// store deletes after a while.
/// </summary>
public sealed class BlobUpload : IAsyncDisposable
{
    private readonly IEventStore _store;
    private readonly OwnershipToken _ownership;
    private readonly string _tenant;
    private readonly Guid _id;
    private readonly Action<FencedException> _fenced;
    private readonly MemoryStream _part = new();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _partsStored;

    internal BlobUpload(
        IEventStore store, OwnershipToken ownership, string tenant, Guid id, Action<FencedException> fenced)
    {
        _store = store;
        _ownership = ownership;
        _tenant = tenant;
        _id = id;
        _fenced = fenced;
    }

    /// <summary>Bytes so far.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Appends <paramref name="bytes"/>.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _hash.AppendData(bytes.Span);
        SizeBytes += bytes.Length;
        while (bytes.Length > 0)
        {
            if (_part.Length == StoreLimits.MaxBlobBytes)
            {
                await StorePartAsync(cancellationToken);
            }

            var fits = Math.Min(bytes.Length, StoreLimits.MaxBlobBytes - (int)_part.Length);
            _part.Write(bytes.Span[..fits]);
            bytes = bytes[fits..];
        }
    }

    /// <summary>The SHA-256 of what was written, in lower-case hexadecimal.</summary>
    public string Sha256() => Hash().ToString();

    /// <summary>Makes it a blob of the tenant, durably.</summary>
    public async Task<BlobInfo> CommitAsync(CancellationToken cancellationToken)
    {
        var info = new BlobInfo { Sha256 = Sha256(), Size = SizeBytes };
        if (_partsStored == 0)
        {
            var blob = new Blob(_tenant, _part.ToArray());
            await WriteAsync(_store.PutBlobsAsync(_ownership, [blob], cancellationToken));
        }
        else
        {
            await StorePartAsync(cancellationToken);
            await WriteAsync(
                _store.CompleteBlobAsync(_ownership, _tenant, _id, Hash(), SizeBytes, cancellationToken));
        }

        return info;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _hash.Dispose();
        await _part.DisposeAsync();
    }

    private BlobHash Hash() => new(_hash.GetCurrentHash());

    private async Task StorePartAsync(CancellationToken cancellationToken)
    {
        await WriteAsync(_store.PutBlobPartAsync(
            _ownership, _tenant, _id, _partsStored, _part.ToArray(), cancellationToken));
        _partsStored++;
        _part.SetLength(0);
    }

    private async Task WriteAsync(Task write)
    {
        try
        {
            await write;
        }
        catch (FencedException refusal)
        {
            _fenced(refusal);
            throw;
        }
    }
}
