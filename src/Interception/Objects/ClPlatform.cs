using GpuActors.Interception.Handles;
using GpuActors.Interception.Leasing;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Api;

namespace GpuActors.Interception.Objects;

/// <summary>The one platform, and the devices of the session that the program was given.</summary>
internal sealed class ClPlatform : ClObject, IClKind
{
    private const string Version = "OpenCL 3.0 GpuActors";

    private readonly Lock _gate = new();
    private ClDevice[]? _devices;

    public static int InvalidCode => ClCodes.InvalidPlatform;

    /// <summary>The platform.</summary>
    public static ClPlatform Instance { get; } = new();

    /// <summary>
    /// The session's devices; none when the program was given no session and its variables ask for none. The first call
    /// connects, or gets a session first; a failure is said on standard error, and there are no devices then.
    /// </summary>
    public ClDevice[] Devices
    {
        get
        {
            lock (_gate)
                return _devices ??= Open() ?? [];
        }
    }

    /// <summary><c>clGetPlatformInfo</c>.</summary>
    public static int Info(uint name, InfoAnswer answer) => name switch
    {
        ClNames.PlatformProfile => answer.Text("FULL_PROFILE"),
        ClNames.PlatformVersion => answer.Text(Version),
        ClNames.PlatformName => answer.Text("GpuActors"),
        ClNames.PlatformVendor => answer.Text("GpuActors"),
        ClNames.PlatformExtensions => answer.Text("cl_khr_icd"),
        ClNames.PlatformHostTimerResolution => answer.Value(0UL),
        ClNames.PlatformNumericVersion => answer.Value(3u << 22),
        ClNames.PlatformExtensionsWithVersion => answer.Bytes(IcdExtension()),
        ClNames.PlatformIcdSuffix => answer.Text("GPUACTORS"),
        _ => Shared.Commands.OpenClErrors.InvalidValue,
    };

    protected override void Destroy()
    {
    }

    private static ClDevice[]? Open()
    {
        string? path = Environment.GetEnvironmentVariable(SessionGrant.FileVariable);
        if (string.IsNullOrEmpty(path))
            path = ProgramLease.Request();
        if (path is null)
            return null;
        try
        {
            SessionGrant grant = SessionGrant.Parse(File.ReadAllBytes(path));
            var devices = new List<ClDevice>();
            foreach (GrantedDevice granted in grant.Devices)
            {
                var stream = new CommandStream(GatewayClient.Connect(grant, granted));
                foreach (Shared.Commands.DeviceSummary summary in stream.Welcome.Devices)
                    devices.Add(new ClDevice(stream, summary.Id, null, []));
            }
            return [.. devices];
        }
        catch (Exception exception)
        {
            Diagnostics.Say($"the session of {path} cannot be used: {exception.Message}");
            return null;
        }
    }

    /// <summary>One <c>cl_name_version</c>.</summary>
    private static byte[] IcdExtension()
    {
        var entry = new byte[sizeof(uint) + 64];
        BitConverter.TryWriteBytes(entry, 1u << 22);
        "cl_khr_icd"u8.CopyTo(entry.AsSpan(sizeof(uint)));
        return entry;
    }
}
