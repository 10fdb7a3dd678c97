using GpuActors.Actors.Runtime;

namespace GpuActors.Worker.Blobs;

/// <summary>
/// Input blobs kept on disk, one folder a tenant, up to a size; the least recently used go first. A file that is being
/// read stays readable when it is removed. The folder is emptied at start: it is a cache, not a store.
/// </summary>
public sealed class BlobCache
{
    private readonly Lock _lock = new();
    private readonly string _root;
    private readonly long _maxBytes;
    private readonly IRandomSource _random;
    private readonly LinkedList<Entry> _byUse = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private long _bytes;

    /// <summary>A cache in <paramref name="root"/> of at most <paramref name="maxBytes"/>.</summary>
    public BlobCache(string root, long maxBytes, IRandomSource random)
    {
        _root = root;
        _maxBytes = maxBytes;
        _random = random;
        if (Directory.Exists(root))
        {
            Directory.Delete(root, recursive: true);
        }

        Directory.CreateDirectory(root);
    }

    /// <summary>The blob's content, or null if it isn't here.</summary>
    public FileStream? Open(string tenant, string sha256)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(Key(tenant, sha256), out var node))
            {
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return new FileStream(PathOf(node.Value.Key), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        }
    }

    /// <summary>A file to write a blob of about <paramref name="sizeBytes"/> into.</summary>
    /// <exception cref="BlobTransferException">It is larger than the whole cache.</exception>
    public Incoming Begin(string tenant, string sha256, long sizeBytes)
    {
        if (sizeBytes > _maxBytes)
        {
            throw new BlobTransferException(
                $"Blob {sha256} has {sizeBytes} bytes; the worker's blob cache holds {_maxBytes} (worker.blob-cache-size).");
        }

        var file = new FileStream(
            Path.Combine(_root, _random.NextGuid().ToString("n")), FileMode.CreateNew, FileAccess.ReadWrite);
        return new Incoming(this, Key(tenant, sha256), file);
    }

    private void Add(string key, FileStream file)
    {
        file.Flush();
        lock (_lock)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(key))!);
            File.Move(file.Name, PathOf(key), overwrite: true);
            if (!_entries.ContainsKey(key))
            {
                _entries[key] = _byUse.AddFirst(new Entry(key, file.Length));
                _bytes += file.Length;
            }

            while (_bytes > _maxBytes && _byUse.Count > 1)
            {
                Remove(_byUse.Last!);
            }
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _byUse.Remove(node);
        _entries.Remove(node.Value.Key);
        _bytes -= node.Value.SizeBytes;
        File.Delete(PathOf(node.Value.Key));
    }

    private string PathOf(string key) => Path.Combine(_root, key);

    private static string Key(string tenant, string sha256) => Path.Combine(tenant, sha256);

    private sealed record Entry(string Key, long SizeBytes);

    /// <summary>A blob on its way in; disposing it without <see cref="Commit"/> removes it.</summary>
    public sealed class Incoming : IAsyncDisposable
    {
        private readonly BlobCache _cache;
        private readonly string _key;
        private bool _committed;

        internal Incoming(BlobCache cache, string key, FileStream file)
        {
            _cache = cache;
            _key = key;
            File = file;
        }

        /// <summary>Where the content goes.</summary>
        public FileStream File { get; }

        /// <summary>The content is complete and right.</summary>
        public void Commit()
        {
            _cache.Add(_key, File);
            _committed = true;
        }

        /// <inheritdoc/>
        public async ValueTask DisposeAsync()
        {
            await File.DisposeAsync();
            if (!_committed)
            {
                System.IO.File.Delete(File.Name);
            }
        }
    }
}
