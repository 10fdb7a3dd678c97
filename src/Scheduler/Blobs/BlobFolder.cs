using System.Security.Cryptography;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Runtime;

namespace GpuActors.Scheduler.Blobs;

/// <summary>
/// Blobs as files, one folder a tenant, below <c>tenants</c>. A file has its final name only once it is complete, has the right hash and is
/// on the disk, so a crash leaves at most a file in <c>incoming</c>, which the next start removes.
/// </summary>
public sealed class BlobFolder
{
    private const int BufferBytes = 1 << 17;

    private readonly string _tenants;
    private readonly string _incoming;
    private readonly IRandomSource _random;

    /// <summary>Opens or makes the folder <paramref name="root"/>.</summary>
    public BlobFolder(string root, IRandomSource random)
    {
        _tenants = Path.Combine(root, "tenants");
        _random = random;
        _incoming = Path.Combine(root, "incoming");
        if (Directory.Exists(_incoming))
        {
            Directory.Delete(_incoming, recursive: true);
        }

        Directory.CreateDirectory(_incoming);
    }

    /// <summary>A file to write content into that is not a blob yet.</summary>
    public IncomingBlob Begin() =>
        new(this, File.Create(Path.Combine(_incoming, _random.NextGuid().ToString("n")), BufferBytes));

    /// <summary>Opens a blob to read, or null if the tenant has none with this hash.</summary>
    public FileStream? Open(string tenant, BlobHash hash)
    {
        try
        {
            return new FileStream(
                PathOf(tenant, hash), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferBytes, true);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The tenant has this blob as a file.</summary>
    public bool Contains(string tenant, BlobHash hash) => File.Exists(PathOf(tenant, hash));

    private string PathOf(string tenant, BlobHash hash) => Path.Combine(_tenants, tenant, hash.ToString()[..2], hash.ToString());

    /// <summary>Content on its way in. Disposing without <see cref="Commit"/> removes it.</summary>
    public sealed class IncomingBlob : IAsyncDisposable
    {
        private readonly BlobFolder _folder;
        private readonly FileStream _file;
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private bool _committed;

        internal IncomingBlob(BlobFolder folder, FileStream file)
        {
            _folder = folder;
            _file = file;
        }

        /// <summary>Bytes written so far.</summary>
        public long SizeBytes { get; private set; }

        /// <summary>Appends <paramref name="bytes"/>.</summary>
        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            _hash.AppendData(bytes.Span);
            SizeBytes += bytes.Length;
            return _file.WriteAsync(bytes, cancellationToken);
        }

        /// <summary>The hash of what has been written.</summary>
        public BlobHash Hash() => new(_hash.GetCurrentHash());

        /// <summary>Makes it a blob of <paramref name="tenant"/>, durably.</summary>
        public void Commit(string tenant)
        {
            _file.Flush(flushToDisk: true);
            var path = _folder.PathOf(tenant, Hash());
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Move(_file.Name, path, overwrite: true);
            _committed = true;
        }

        /// <inheritdoc/>
        public async ValueTask DisposeAsync()
        {
            await _file.DisposeAsync();
            _hash.Dispose();
            if (!_committed)
            {
                File.Delete(_file.Name);
            }
        }
    }
}
