using System.Globalization;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>Command line of <c>executor</c>.</summary>
/// <param name="SocketPath">Unix socket of the worker, to connect to.</param>
/// <param name="Device"><c>PLATFORM/INDEX</c>.</param>
/// <param name="OverheadBytes">Memory that the process may use beyond its slice.</param>
/// <param name="StagingBytes">Memory between socket and device.</param>
/// <param name="CachedPrograms">Built programs kept for the tenant's next session.</param>
/// <param name="LeasePath">File with the end of the worker's lease; null: it has none.</param>
/// <param name="SharePath">File of the page that it shares with the worker; null: none, and no turns are taken.</param>
/// <param name="BellPath">File of the bell that all executors of the device ring.</param>
/// <param name="ClientsPath">Unix socket over which the worker hands clients' sockets over; null: it hands none over.</param>
internal sealed record ExecutorOptions(
    string SocketPath, string Device, ulong OverheadBytes, long StagingBytes, int CachedPrograms,
    string? LeasePath = null, string? SharePath = null, string? BellPath = null,
    string? ClientsPath = null)
{
    public const string Usage =
        "usage: executor --socket PATH --device PLATFORM/INDEX [--overhead-bytes N] [--staging-bytes N] " +
        "[--cached-programs N] [--lease FILE] [--share FILE --bell FILE] [--clients PATH]";

    private const ulong DefaultOverheadBytes = 1UL << 30;
    private const long DefaultStagingBytes = 128 << 20;
    private const int DefaultCachedPrograms = 32;

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ArgumentException">Names the argument and what is allowed.</exception>
    public static ExecutorOptions Parse(ReadOnlySpan<string> arguments)
    {
        string? socket = null, device = null, lease = null, share = null, bell = null, clients = null;
        ulong overhead = DefaultOverheadBytes;
        long staging = DefaultStagingBytes;
        int programs = DefaultCachedPrograms;
        for (var i = 0; i < arguments.Length; i += 2)
        {
            string name = arguments[i];
            if (i + 1 == arguments.Length)
                throw new ArgumentException($"{name} needs a value; {Usage}");
            string value = arguments[i + 1];
            switch (name)
            {
                case "--socket":
                    socket = value;
                    break;
                case "--device":
                    device = value;
                    break;
                case "--overhead-bytes":
                    overhead = (ulong)Number(name, value, 0);
                    break;
                case "--staging-bytes":
                    staging = Number(name, value, StagingPool.MaxBlockBytes);
                    break;
                case "--cached-programs":
                    programs = (int)Math.Min(int.MaxValue, Number(name, value, 0));
                    break;
                case "--lease":
                    lease = value;
                    break;
                case "--share":
                    share = value;
                    break;
                case "--bell":
                    bell = value;
                    break;
                case "--clients":
                    clients = value;
                    break;
                default:
                    throw new ArgumentException($"unknown argument {name}; {Usage}");
            }
        }
        if (share is null != bell is null)
            throw new ArgumentException($"--share and --bell belong together; {Usage}");
        return new ExecutorOptions(
            socket ?? throw new ArgumentException($"--socket is missing; {Usage}"),
            device ?? throw new ArgumentException($"--device is missing; {Usage}"), overhead, staging, programs,
            lease, share, bell, clients);
    }

    private static long Number(string name, string value, long min) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= min
            ? number
            : throw new ArgumentException($"{name} is '{value}'; a number from {min} up is allowed");
}
