using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Lets one of a tenant's processes at a time build a program. They keep what is compiled in one folder, and PoCL (to
/// version 5 at least) fails builds when two processes fill the same entry at once (pocl/pocl issue 1480). Who comes
/// second finds it compiled, which is faster than to compile it beside the first.
/// </summary>
internal readonly struct BuildLock : IDisposable
{
    /// <summary>Programs share so many files; other programs that wait for each other are rare.</summary>
    private const int Files = 64;

    private const string FolderVariable = "POCL_CACHE_DIR";

    private readonly int _descriptor;

    private BuildLock(int descriptor) => _descriptor = descriptor;

    /// <summary>Waits for its turn.</summary>
    /// <param name="program">Source, or options: what tells the program from others.</param>
    public static BuildLock Take(ReadOnlySpan<byte> program)
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable);
        if (string.IsNullOrEmpty(folder))
            return new BuildLock(-1); // it shares with nobody
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(program, hash);
        var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $".build-{hash[0] % Files}"));
        var descriptor = Libc.Open(
            path, Libc.OpenReadWrite | Libc.OpenCreate | Libc.OpenCloseOnExec, Libc.OwnerReadWrite);
        if (descriptor < 0)
            return new BuildLock(-1); // the folder is being deleted: then nobody shares it any more
        while (Libc.Lock(descriptor, Libc.LockExclusive) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Libc.ErrorInterrupted)
                Libc.ThrowIfFailed(-1, "flock");
        }
        return new BuildLock(descriptor);
    }

    /// <summary>Gives way to the next.</summary>
    public void Dispose()
    {
        if (_descriptor >= 0)
            _ = Libc.Close(_descriptor); // with it goes the lock
    }
}
