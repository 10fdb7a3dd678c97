using GpuActors.Shared.Commands;

namespace GpuActors.Worker.OpenCL;

/// <summary>A device that the ICD loader offers, and what one needs to know to place work on it.</summary>
/// <param name="PlatformIndex">Position of its platform in the loader's list.</param>
/// <param name="DeviceIndex">Position of the device in its platform.</param>
/// <param name="PlatformName">Name of the platform, such as <c>Portable Computing Language</c>.</param>
/// <param name="Name">Name of the device.</param>
/// <param name="Vendor">Vendor of the device.</param>
/// <param name="Version">OpenCL version and the driver's own words.</param>
/// <param name="DriverVersion">Version of the driver.</param>
/// <param name="Kind">CPU, GPU or accelerator.</param>
/// <param name="MemoryBytes">Global memory.</param>
/// <param name="MaxAllocationBytes">Largest single buffer.</param>
/// <param name="LocalMemoryBytes">Local memory of a work group.</param>
/// <param name="ComputeUnits">Compute units.</param>
/// <param name="ClockMhz">Highest clock frequency.</param>
/// <param name="MaxWorkGroupSize">Largest work group.</param>
/// <param name="HasImages">Whether it has images.</param>
/// <param name="HasDoubles">Whether it has 64-bit floating point.</param>
/// <param name="CanPartition">Whether it can be partitioned by compute units.</param>
/// <param name="Extensions">Extensions, as the device lists them.</param>
public sealed record OpenClDevice(
    int PlatformIndex, int DeviceIndex, string PlatformName, string Name, string Vendor, string Version,
    string DriverVersion, OpenClDeviceKind Kind, ulong MemoryBytes, ulong MaxAllocationBytes, ulong LocalMemoryBytes,
    uint ComputeUnits, uint ClockMhz, ulong MaxWorkGroupSize, bool HasImages, bool HasDoubles, bool CanPartition,
    IReadOnlyList<string> Extensions)
{
    /// <summary>Where it sits on the PCI bus; null if it does not say.</summary>
    public PciAddress? Pci { get; init; }

    /// <summary><c>PLATFORM/INDEX</c>, as <c>executor --device</c> takes it.</summary>
    public string Selector => $"{PlatformIndex}/{DeviceIndex}";
}

/// <summary>What kind of processor a device is.</summary>
public enum OpenClDeviceKind
{
    Cpu,
    Gpu,
    Accelerator,
    Other,
}

/// <summary>Finds the OpenCL devices of this machine.</summary>
public static unsafe class OpenClDevices
{
    private const int PlatformNotFound = -1001;

    /// <summary>Every device of every platform that answers, in the loader's order.</summary>
    /// <exception cref="OpenClUnavailableException">No loader, no platform or no device; says what to install.</exception>
    public static IReadOnlyList<OpenClDevice> Discover()
    {
        var devices = new List<OpenClDevice>();
        IReadOnlyList<nint> platforms = Platforms();
        for (var p = 0; p < platforms.Count; p++)
        {
            IReadOnlyList<nint> handles = DevicesOf(platforms[p]);
            for (var d = 0; d < handles.Count; d++)
                devices.Add(Describe(platforms[p], p, handles[d], d));
        }
        return devices.Count > 0
            ? devices
            : throw new OpenClUnavailableException("OpenCL is installed, but none of its platforms has a device");
    }

    /// <summary>The device that <c>PLATFORM/INDEX</c> names; the platform is its position or a part of its name.</summary>
    /// <exception cref="OpenClUnavailableException">There is no such device; lists those that there are.</exception>
    internal static (nint Platform, nint Device, OpenClDevice Description) Open(string selector)
    {
        int slash = selector.LastIndexOf('/');
        string platformPart = slash < 0 ? "0" : selector[..slash];
        if (!int.TryParse(selector[(slash + 1)..], out int deviceIndex))
            deviceIndex = -1;
        IReadOnlyList<nint> platforms = Platforms();
        for (var p = 0; p < platforms.Count; p++)
        {
            nint platform = platforms[p];
            string name = InfoReader.ReadText(PlatformInfo(platform), ClNames.PlatformName);
            bool chosen = int.TryParse(platformPart, out int index)
                ? index == p
                : name.Contains(platformPart, StringComparison.OrdinalIgnoreCase);
            IReadOnlyList<nint> handles = chosen ? DevicesOf(platform) : [];
            if (deviceIndex >= 0 && deviceIndex < handles.Count)
                return (platform, handles[deviceIndex], Describe(platform, p, handles[deviceIndex], deviceIndex));
        }
        string there = string.Join(", ", Discover().Select(device => $"{device.Selector} ({device.Name})"));
        throw new OpenClUnavailableException($"no OpenCL device '{selector}' (PLATFORM/INDEX); there are: {there}");
    }

    internal static InfoCall PlatformInfo(nint platform) =>
        (name, size, value, needed) => Cl.GetPlatformInfo(platform, name, size, value, needed);

    internal static InfoCall DeviceInfo(nint device) =>
        (name, size, value, needed) => Cl.GetDeviceInfo(device, name, size, value, needed);

    private static IReadOnlyList<nint> Platforms()
    {
        uint count = 0;
        int code;
        try
        {
            code = Cl.GetPlatformIDs(0, null, &count);
        }
        catch (DllNotFoundException exception)
        {
            throw new OpenClUnavailableException(
                $"{Cl.Library} was not found: install the OpenCL loader (Debian: apt-get install ocl-icd-libopencl1) " +
                "and a driver: the GPU vendor's, or pocl-opencl-icd for the CPU",
                exception);
        }
        if (code == PlatformNotFound || (code == OpenClErrors.Success && count == 0))
        {
            throw new OpenClUnavailableException(
                "the OpenCL loader knows no platform: install a driver (the GPU vendor's, or for the CPU Debian's " +
                "pocl-opencl-icd), and check OCL_ICD_VENDORS if it is set");
        }
        OpenClException.ThrowIfFailed(code, "clGetPlatformIDs");
        var platforms = new nint[count];
        fixed (nint* pointer = platforms)
        {
            OpenClException.ThrowIfFailed(Cl.GetPlatformIDs(count, pointer, null), "clGetPlatformIDs");
        }
        return platforms;
    }

    private static IReadOnlyList<nint> DevicesOf(nint platform)
    {
        uint count = 0;
        int code = Cl.GetDeviceIDs(platform, ClNames.DeviceTypeAll, 0, null, &count);
        if (code == OpenClErrors.DeviceNotFound || count == 0)
            return [];
        OpenClException.ThrowIfFailed(code, "clGetDeviceIDs");
        var devices = new nint[count];
        fixed (nint* pointer = devices)
        {
            code = Cl.GetDeviceIDs(platform, ClNames.DeviceTypeAll, count, pointer, null);
            OpenClException.ThrowIfFailed(code, "clGetDeviceIDs");
        }
        return devices;
    }

    private static OpenClDevice Describe(nint platform, int platformIndex, nint device, int deviceIndex)
    {
        InfoCall info = DeviceInfo(device);
        ulong Number(uint name) => InfoReader.ReadNumber(info, name);
        string Text(uint name) => InfoReader.ReadText(info, name);
        return new OpenClDevice(
            platformIndex, deviceIndex, InfoReader.ReadText(PlatformInfo(platform), ClNames.PlatformName),
            Text(ClNames.DeviceName).Trim(), Text(ClNames.DeviceVendor), Text(ClNames.DeviceVersion),
            Text(ClNames.DriverVersion), KindOf(Number(ClNames.DeviceType)), Number(ClNames.DeviceGlobalMemSize),
            Number(ClNames.DeviceMaxMemAllocSize), Number(ClNames.DeviceLocalMemSize),
            (uint)Number(ClNames.DeviceMaxComputeUnits), (uint)Number(ClNames.DeviceMaxClockFrequency),
            Number(ClNames.DeviceMaxWorkGroupSize), Number(ClNames.DeviceImageSupport) != 0,
            Number(ClNames.DeviceDoubleFpConfig) != 0, PartitionsByCounts(info),
            Text(ClNames.DeviceExtensions).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Pci = PciAddress.Of(name => InfoReader.TryRead(info, name)),
        };
    }

    private static bool PartitionsByCounts(InfoCall info)
    {
        ReadOnlySpan<nint> kinds = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, nint>(
            InfoReader.TryRead(info, ClNames.DevicePartitionProperties) ?? []);
        return kinds.Contains(ClNames.PartitionByCounts);
    }

    private static OpenClDeviceKind KindOf(ulong type) => type switch
    {
        _ when (type & ClNames.DeviceTypeGpu) != 0 => OpenClDeviceKind.Gpu,
        _ when (type & ClNames.DeviceTypeAccelerator) != 0 => OpenClDeviceKind.Accelerator,
        _ when (type & ClNames.DeviceTypeCpu) != 0 => OpenClDeviceKind.Cpu,
        _ => OpenClDeviceKind.Other,
    };
}
