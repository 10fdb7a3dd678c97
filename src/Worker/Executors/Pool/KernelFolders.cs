using System.Security.Cryptography;
using System.Text;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>
/// Where drivers keep the kernels that they compiled: a folder for each tenant, so that a tenant's next process need
/// not compile again, and no tenant runs, or learns of, what another one compiled. All folders together are bounded:
/// those of the tenants that were away longest are deleted; a folder in use that is too large is closed, and goes
/// with the last process that uses it. All methods may be called from any thread.
/// </summary>
internal sealed class KernelFolders
{
    private readonly Lock _lock = new();
    private readonly string _root;
    private readonly long _maxBytes;
    private readonly Dictionary<string, KernelFolder> _open = [];
    private readonly HashSet<KernelFolder> _all = [];
    private long _uses;
    private int _pruning;

    public KernelFolders(string root, long maxBytes)
    {
        _root = root;
        _maxBytes = maxBytes;
        OwnFolder.Create(root);
    }

    /// <summary>The tenant's folder, for one process more.</summary>
    public KernelFolder Take(string tenant)
    {
        lock (_lock)
        {
            if (!_open.TryGetValue(tenant, out var folder))
            {
                // The number keeps it apart from a closed one of the same tenant.
                var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tenant)));
                folder = new KernelFolder(tenant, Path.Combine(_root, $"{name}-{_uses}"));
                OwnFolder.Create(folder.Path);
                _open.Add(tenant, folder);
                _all.Add(folder);
            }

            folder.Users++;
            folder.LastUse = ++_uses;
            return folder;
        }
    }

    /// <summary>A process that used the folder is gone.</summary>
    public void Return(KernelFolder folder)
    {
        lock (_lock)
        {
            if (--folder.Users > 0 || !folder.IsClosed)
            {
                return;
            }

            _all.Remove(folder);
        }

        OwnFolder.Delete(folder.Path);
    }

    /// <summary>Keeps to the bound. Does nothing while another thread does it already.</summary>
    public void Prune()
    {
        if (Interlocked.Exchange(ref _pruning, 1) == 1)
        {
            return;
        }

        try
        {
            Choose(Measure()).ForEach(folder => OwnFolder.Delete(folder.Path));
        }
        finally
        {
            Volatile.Write(ref _pruning, 0);
        }
    }

    /// <summary>Sizes, the folder used longest ago first. Not under the lock: sessions may open meanwhile.</summary>
    private (KernelFolder Folder, long Bytes)[] Measure()
    {
        KernelFolder[] folders;
        lock (_lock)
        {
            folders = [.. _all.OrderBy(folder => folder.LastUse)];
        }

        return [.. folders.Select(folder => (folder, OwnFolder.MeasureBytes(folder.Path)))];
    }

    /// <summary>Closes what is too much, and gives those that nobody uses.</summary>
    private List<KernelFolder> Choose((KernelFolder Folder, long Bytes)[] sizes)
    {
        var total = sizes.Sum(size => size.Bytes);
        var unused = new List<KernelFolder>();
        lock (_lock)
        {
            foreach (var (folder, bytes) in sizes.Where(size => size.Folder.Users == 0 && !size.Folder.IsClosed))
            {
                if (total > _maxBytes)
                {
                    Close(folder);
                    _all.Remove(folder);
                    unused.Add(folder);
                    total -= bytes;
                }
            }

            foreach (var (folder, bytes) in sizes.Where(size => size.Folder.Users > 0).OrderByDescending(s => s.Bytes))
            {
                if (total > _maxBytes)
                {
                    Close(folder);
                    total -= bytes;
                }
            }
        }

        return unused;
    }

    private void Close(KernelFolder folder)
    {
        if (!folder.IsClosed)
        {
            folder.IsClosed = true;
            _open.Remove(folder.Tenant);
        }
    }
}

/// <summary>A tenant's compiled kernels.</summary>
internal sealed class KernelFolder(string tenant, string path)
{
    private volatile bool _isClosed;

    /// <summary>Whose.</summary>
    public string Tenant => tenant;

    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>No further process gets it, and those that have it end after their session.</summary>
    public bool IsClosed
    {
        get => _isClosed;
        set => _isClosed = value;
    }

    /// <summary>Processes that see it. Guarded by the lock of <see cref="KernelFolders"/>.</summary>
    public int Users { get; set; }

    /// <summary>Order of use. Guarded by the lock of <see cref="KernelFolders"/>.</summary>
    public long LastUse { get; set; }
}
