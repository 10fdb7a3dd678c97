using System.Runtime.InteropServices;
using GpuActors.Shared.Diagnosis;

namespace GpuActors.Worker.Diagnosis;

/// <summary>The files by which drivers of GPUs are reached, and whether this user may.</summary>
internal static partial class DeviceFiles
{
    private const string Name = "worker.permissions";
    private const int Read = 4;
    private const int Write = 2;

    /// <summary>This user may write there (access(2)).</summary>
    public static bool CanWrite(string path) => Access(path, Write) == 0;

    /// <summary>Whether this user may open the GPUs' files.</summary>
    public static HostCheck Check()
    {
        string[] files =
        [
            .. Files("/dev", "nvidia*").Where(file => char.IsAsciiDigit(file[^1]) || file.EndsWith("ctl", StringComparison.Ordinal)),
            .. Files("/dev/dri", "renderD*"),
            .. Files("/dev", "kfd"),
        ];
        string[] closed = [.. files.Where(file => Access(file, Read | Write) != 0)];
        return closed.Length > 0
            ? HostCheck.Failure(
                Name, $"{Environment.UserName} may not open {string.Join(", ", closed)}", "all of them can be opened",
                $"usermod -aG render,video {Environment.UserName}, then start the worker anew; in a container pass the devices in.")
            : HostCheck.Ok(Name, files.Length == 0 ? "no files of GPUs: only CPUs can be offered" : string.Join(", ", files));
    }

    /// <summary>A driver's files are there although its library may not be.</summary>
    public static bool HasNvidia => File.Exists("/dev/nvidiactl");

    private static string[] Files(string folder, string pattern) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal)] : [];

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);
}
