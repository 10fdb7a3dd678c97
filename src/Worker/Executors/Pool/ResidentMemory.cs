using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>
/// The resident memory of one process, from <c>/proc/PID/statm</c>. The file stays open, which binds it to the process
/// rather than to its number: another process that gets the number later is not mistaken for it.
/// </summary>
internal sealed class ResidentMemory : IDisposable
{
    private readonly SafeFileHandle _file;

    /// <exception cref="IOException">There is no such process.</exception>
    public ResidentMemory(int processId) => _file = File.OpenHandle($"/proc/{processId}/statm");

    /// <summary>Bytes in memory now; 0 once the process is gone.</summary>
    public long ReadBytes()
    {
        try
        {
            Span<byte> line = stackalloc byte[128];
            var read = RandomAccess.Read(_file, line, 0);
            return ParsePages(line[..read]) * Environment.SystemPageSize;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return 0; // ESRCH
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>The second field: resident pages (proc_pid_statm(5)).</summary>
    private static long ParsePages(ReadOnlySpan<byte> statm)
    {
        var second = statm.IndexOf((byte)' ') + 1;
        return second > 0 && Utf8Parser.TryParse(statm[second..], out long pages, out _) ? pages : 0;
    }
}
