using System.ComponentModel;
using System.Runtime.InteropServices;
using GpuActors.Worker.Executors.Engine;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>
/// The folder of one executor process: its socket, its HOME, its temporary files, and a link to compiled kernels. The
/// link is what the process is told of when it starts. First it leads to an empty folder of the process's own, so that
/// the warm-up really compiles and with that loads the compiler; it is turned to the tenant's kernels when the tenant is
/// known. That works with every driver that opens files by path, whenever it reads its environment.
/// </summary>
internal sealed class ProcessFolder
{
    public ProcessFolder(string path, string lease, string bell)
    {
        (Lease, Bell) = (lease, bell);
        Path = path;
        OwnFolder.Create(path);
        var own = System.IO.Path.Combine(path, "warm-up");
        OwnFolder.Create(own);
        File.CreateSymbolicLink(KernelLink, own);
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The file with the end of the worker's lease, which all processes share.</summary>
    public string Lease { get; }

    /// <summary>Where the worker listens for the process.</summary>
    public string Socket => System.IO.Path.Combine(Path, "s");

    /// <summary>Where the worker hands clients' sockets over to the process.</summary>
    public string Clients => System.IO.Path.Combine(Path, "c");

    /// <summary>The page that the worker shares with the process.</summary>
    public string Share => System.IO.Path.Combine(Path, "share");

    /// <summary>The bell of the process's device.</summary>
    public string Bell { get; }

    /// <summary>Where the process finds compiled kernels.</summary>
    public string KernelLink => System.IO.Path.Combine(Path, "kernels");

    /// <summary>The tenant's kernels, once the process sees them.</summary>
    public KernelFolder? Kernels { get; private set; }

    /// <summary>Turns the link, in one step: a process that looks sees either folder.</summary>
    /// <exception cref="IOException">The folder can't be written.</exception>
    public void Show(KernelFolder kernels)
    {
        var fresh = KernelLink + ".new";
        File.CreateSymbolicLink(fresh, kernels.Path);
        if (Libc.Rename(fresh, KernelLink) != 0) // File.Move would follow the link
        {
            throw new IOException(
                $"Can't turn the link '{KernelLink}': {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }

        Kernels = kernels;
    }

    /// <summary>Deletes it; what the link leads to stays.</summary>
    public void Delete() => OwnFolder.Delete(Path);
}

/// <summary>Folders that only their owner may enter.</summary>
internal static class OwnFolder
{
    /// <summary>Creates it where it is missing.</summary>
    public static void Create(string path)
    {
#pragma warning disable CA1416 // Unix sockets and /proc: workers are Linux processes
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
#pragma warning restore CA1416
    }

    /// <summary>Deletes it and what is in it; links are deleted, not followed.</summary>
    public static void Delete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing to delete.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody still writes there; the next worker with this folder deletes it.
        }
    }

    /// <summary>Bytes of the files in it.</summary>
    public static long MeasureBytes(string path)
    {
        var bytes = 0L;
        try
        {
            foreach (var file in new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories))
            {
                bytes += file.Exists ? file.Length : 0;
            }
        }
        catch (IOException)
        {
            // Files come and go while they are counted; the next count is as good.
        }

        return bytes;
    }
}
