using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// The device of this process, and the parts of it that sessions were given. Parts and their contexts live as long as
/// the process: programs built in them serve the tenant's next session.
/// </summary>
internal sealed class ExecutorDevice
{
    private readonly nint _device;
    private readonly Dictionary<uint, DevicePart> _parts = [];

    private ExecutorDevice(nint platform, nint device, OpenClDevice description)
    {
        Platform = platform;
        _device = device;
        Description = description;
        Hash = HashOf(description);
        HasHostMemory = ReadHasHostMemory(device);
    }

    public nint Platform { get; }

    public OpenClDevice Description { get; }

    /// <summary>Binds program binaries to the device model, the driver and its version.</summary>
    public ulong Hash { get; }

    /// <summary>Its memory is this machine's: what is mapped lies where the device finds it.</summary>
    public bool HasHostMemory { get; }

    /// <summary>Opens the device.</summary>
    /// <exception cref="OpenClUnavailableException">There is none of that name.</exception>
    public static ExecutorDevice Open(string selector)
    {
        (nint platform, nint device, OpenClDevice description) = OpenClDevices.Open(selector);
        return new ExecutorDevice(platform, device, description);
    }

    /// <summary>The device, or a sub-device of so many compute units.</summary>
    /// <param name="computeUnits">0 for all.</param>
    /// <exception cref="CommandFailure">More units than there are, or the device cannot be partitioned.</exception>
    public DevicePart Part(uint computeUnits)
    {
        uint all = Description.ComputeUnits;
        if (computeUnits > all)
        {
            throw new CommandFailure(
                OpenClErrors.SessionRefused,
                $"{computeUnits} compute units were asked for; device {Description.Name} has {all}");
        }
        if (computeUnits == all || !Description.CanPartition)
            computeUnits = 0; // without partitioning the worker's time slices are what holds the session to its share
        if (!_parts.TryGetValue(computeUnits, out DevicePart? part))
        {
            nint handle = computeUnits == 0 ? _device : Partition(_device, [computeUnits])[0];
            part = new DevicePart(handle, computeUnits == 0 ? all : computeUnits);
            _parts.Add(computeUnits, part);
        }
        return part;
    }

    /// <summary>Partitions a device by compute units.</summary>
    /// <exception cref="CommandFailure">The driver's refusal.</exception>
    public static unsafe nint[] Partition(nint device, ReadOnlySpan<ulong> counts)
    {
        Span<nint> properties = stackalloc nint[counts.Length + 3];
        properties[0] = ClNames.PartitionByCounts;
        for (var i = 0; i < counts.Length; i++)
            properties[i + 1] = (nint)counts[i];
        properties[^2..].Clear(); // the end of the counts, and of the properties
        var handles = new nint[counts.Length];
        fixed (nint* property = properties, handle = handles)
        {
            int code = Cl.CreateSubDevices(device, property, (uint)handles.Length, handle, null);
            CommandFailure.ThrowIfFailed(code, "clCreateSubDevices");
        }
        return handles;
    }

    private static unsafe bool ReadHasHostMemory(nint device)
    {
        uint value = 0;
        int code = Cl.GetDeviceInfo(device, ClNames.DeviceHostUnifiedMemory, sizeof(uint), &value, null);
        return code == OpenClErrors.Success && value != 0;
    }

    private static ulong HashOf(OpenClDevice device)
    {
        var text = $"{device.PlatformName}\n{device.Name}\n{device.Vendor}\n{device.Version}\n{device.DriverVersion}";
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}

/// <summary>A device handle with the context that this process shares among its sessions.</summary>
internal sealed unsafe class DevicePart
{
    public DevicePart(nint device, uint computeUnits)
    {
        Device = device;
        ComputeUnits = computeUnits;
        int code;
        Context = Cl.CreateContext(null, 1, &device, null, null, &code);
        CommandFailure.ThrowIfFailed(code, "clCreateContext");
        Queue = Cl.CreateCommandQueueWithProperties(Context, device, null, &code);
        CommandFailure.ThrowIfFailed(code, "clCreateCommandQueueWithProperties");
    }

    public nint Device { get; }

    public uint ComputeUnits { get; }

    public nint Context { get; }

    /// <summary>The executor's own queue, for wiping memory between sessions.</summary>
    public nint Queue { get; }
}
