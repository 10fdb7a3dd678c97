using System.Globalization;
using GpuActors.Actors.Runtime;

namespace GpuActors.Worker;

/// <summary>
/// A worker's folder, held by one process at a time. Its id outlives processes: a process that holds the folder proves
/// that the one before is gone.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private const int LongestSocketFolder = 80; // a Unix socket's path has at most 107 bytes

    private readonly FileStream _lock;

    private DataFolder(string path, Guid id, FileStream held)
    {
        Root = path;
        Id = id;
        _lock = held;
    }

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>Made when the folder was first used.</summary>
    public Guid Id { get; }

    /// <summary>Takes the folder, making it if need be.</summary>
    /// <exception cref="IOException">Another process holds it.</exception>
    public static DataFolder Hold(string path, IRandomSource random)
    {
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        FileStream held;
        try
        {
            held = new FileStream(
                Path.Combine(path, "worker.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException(
                $"The data folder '{path}' is in use by another worker; give this one its own (worker.data-dir).", e);
        }

        var idFile = Path.Combine(path, "host-id");
        if (!File.Exists(idFile) || !Guid.TryParse(File.ReadAllText(idFile), CultureInfo.InvariantCulture, out var id))
        {
            id = random.NextGuid();
            File.WriteAllText(idFile, id.ToString());
        }

        return new DataFolder(path, id, held);
    }

    /// <summary>An empty folder below this one.</summary>
    public string MakeEmpty(string name)
    {
        var path = Path.Combine(Root, name);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        Directory.CreateDirectory(path);
        return path;
    }

    /// <summary>A folder for sockets: here, or among the temporary ones where this path is too long for a socket's.</summary>
    public string SocketFolder()
    {
        var here = Path.Combine(Path.GetFullPath(Root), "s");
        return here.Length <= LongestSocketFolder ? here : Path.Combine(Path.GetTempPath(), $"gpuactors-{Id:n}");
    }

    /// <summary>
    /// Where a Unix socket of that name goes: here, or among the temporary ones where this path is too long.
    /// </summary>
    public string SocketPath(string name)
    {
        var here = Path.Combine(Path.GetFullPath(Root), name);
        return here.Length <= LongestSocketFolder ? here : Path.Combine(Path.GetTempPath(), $"gpuactors-{Id:n}-{name}");
    }

    /// <summary>Gives the folder up.</summary>
    public void Dispose() => _lock.Dispose();
}
