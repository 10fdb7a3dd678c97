using System.Security.Cryptography;
using System.Text;
using GpuActors.Worker.Executors.Engine;

namespace GpuActors.Worker.Executors;

/// <summary>
/// Where drivers keep compiled kernels: a folder for each tenant, so that a fresh process need not compile what the
/// tenant compiled before, and no tenant runs (or learns of) what another one compiled. A process sees its tenant's
/// folder through a link of its own, set when the tenant is known; until then it points to a folder that only the
/// warm-up uses.
/// </summary>
internal sealed class KernelCacheFolders
{
    private const string LinkName = "kernels";

    private readonly string _root;
    private readonly long _maxBytes;
    private readonly TimeProvider _time;

    public KernelCacheFolders(string runFolder, long maxBytes, TimeProvider time)
    {
        _root = Path.Combine(runFolder, "kernels");
        _maxBytes = maxBytes;
        _time = time;
        PrivateFolder.Create(_root);
        PrivateFolder.Create(FolderOf(null));
    }

    /// <summary>Path that a process in <paramref name="processFolder"/> is given once and for all.</summary>
    public static string LinkIn(string processFolder) => Path.Combine(processFolder, LinkName);

    /// <summary>Lets a process see the tenant's folder; null for the warm-up's.</summary>
    public void PointTo(string processFolder, string? tenant)
    {
        string target = FolderOf(tenant);
        PrivateFolder.Create(target);
        Directory.SetLastWriteTimeUtc(target, _time.GetUtcNow().UtcDateTime); // for the order of pruning
        string fresh = LinkIn(processFolder) + ".new";
        File.Delete(fresh);
        File.CreateSymbolicLink(fresh, target);
        // Not File.Move, which follows the link: this replaces it in one step.
        Libc.ThrowIfFailed(Libc.Rename(fresh, LinkIn(processFolder)), $"rename of {fresh}");
    }

    /// <summary>Deletes the folders that were unused longest until the rest keeps to the limit.</summary>
    /// <param name="tenantsInUse">Tenants whose executors run.</param>
    public void Prune(IReadOnlySet<string> tenantsInUse)
    {
        HashSet<string> kept = [.. tenantsInUse.Select(FolderOf), FolderOf(null)];
        (DirectoryInfo Folder, long Bytes)[] folders =
            [.. new DirectoryInfo(_root).GetDirectories().Select(folder => (folder, SizeOf(folder)))];
        long total = folders.Sum(folder => folder.Bytes);
        foreach ((DirectoryInfo folder, long bytes) in folders.OrderBy(folder => folder.Folder.LastWriteTimeUtc))
        {
            if (total <= _maxBytes)
                return;
            if (kept.Contains(folder.FullName))
                continue;
            folder.Delete(recursive: true);
            total -= bytes;
        }
    }

    private static long SizeOf(DirectoryInfo folder) =>
        folder.EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private string FolderOf(string? tenant) => Path.Combine(
        _root, tenant is null ? "warm-up" : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(tenant)))[..32]);
}

#pragma warning disable CA1416 // a worker runs on Linux only
/// <summary>Folders that only this user may enter.</summary>
internal static class PrivateFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Creates the folder, or takes away everybody else's rights to it.</summary>
    public static void Create(string path)
    {
        Directory.CreateDirectory(path, OwnerOnly);
        File.SetUnixFileMode(path, OwnerOnly);
    }

    /// <summary>Deletes the folder and what is in it; a link is deleted, not followed.</summary>
    public static void Delete(string path)
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
        }
        catch (IOException)
        {
            // Somebody still writes there; the next worker that starts in the run folder deletes it.
        }
    }
}
