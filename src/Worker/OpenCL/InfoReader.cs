using System.Buffers.Binary;
using System.Text;
using GpuActors.Shared.Commands;

namespace GpuActors.Worker.OpenCL;

/// <summary>One of the standard's <c>clGet…Info</c> functions, bound to an object.</summary>
internal unsafe delegate int InfoCall(uint name, nuint size, void* value, nuint* sizeNeeded);

/// <summary>Reads properties of OpenCL objects: one by name, or all that an object has.</summary>
internal static unsafe class InfoReader
{
    /// <summary>A value longer than this is not a property but data (sources, binaries), which other commands carry.</summary>
    private const int MaxValueBytes = 64 << 10;

    /// <summary>The value as the standard lays it out, or null when the object does not have it.</summary>
    internal static byte[]? TryRead(InfoCall call, uint name)
    {
        nuint size = 0;
        if (call(name, 0, null, &size) != OpenClErrors.Success || size > MaxValueBytes)
            return null;
        var value = new byte[size];
        fixed (byte* pointer = value)
        {
            return size == 0 || call(name, size, pointer, null) == OpenClErrors.Success ? value : null;
        }
    }

    /// <summary>A text, without its terminating zero; empty when the object does not have it.</summary>
    internal static string ReadText(InfoCall call, uint name)
    {
        byte[] value = TryRead(call, name) ?? [];
        return Encoding.UTF8.GetString(value).TrimEnd('\0');
    }

    /// <summary>A number of one, two, four or eight bytes; 0 when the object does not have it.</summary>
    internal static ulong ReadNumber(InfoCall call, uint name)
    {
        byte[] value = TryRead(call, name) ?? [];
        return value.Length switch
        {
            1 => value[0],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(value),
            4 => BinaryPrimitives.ReadUInt32LittleEndian(value),
            8 => BinaryPrimitives.ReadUInt64LittleEndian(value),
            _ => 0,
        };
    }

    /// <summary>Every property in the ranges that the object has, in order.</summary>
    internal static List<InfoEntry> ReadAll(InfoCall call, params ReadOnlySpan<InfoRange> ranges)
    {
        var entries = new List<InfoEntry>();
        foreach (InfoRange range in ranges)
        {
            for (uint name = range.First; name <= range.Last; name++)
            {
                if (!InfoRange.IsHandle(name) && TryRead(call, name) is { } value)
                    entries.Add(new InfoEntry(name, value));
            }
        }
        return entries;
    }
}

/// <summary>
/// Consecutive property numbers. The standard gives each kind of object a block, so asking for a whole block also
/// finds what later versions add.
/// </summary>
internal readonly record struct InfoRange(uint First, uint Last)
{
    internal static readonly InfoRange Platform = new(0x0900, 0x0907);
    internal static readonly InfoRange Device = new(0x1000, 0x107F);

    /// <summary>NVIDIA's and AMD's own properties (0x40..), Intel's and the Khronos PCI address (0x41..).</summary>
    internal static readonly InfoRange DeviceVendor = new(0x4000, 0x404F);
    internal static readonly InfoRange DeviceBus = new(0x4100, 0x411F);
    internal static readonly InfoRange Context = new(0x1080, 0x1085);
    internal static readonly InfoRange Queue = new(0x1090, 0x1098);
    internal static readonly InfoRange Memory = new(0x1100, 0x110A);
    internal static readonly InfoRange Image = new(0x1110, 0x111A);
    internal static readonly InfoRange Sampler = new(0x1150, 0x1158);
    internal static readonly InfoRange Program = new(0x1160, 0x116B);
    internal static readonly InfoRange ProgramBuild = new(0x1181, 0x1185);
    internal static readonly InfoRange Kernel = new(0x1190, 0x1195);
    internal static readonly InfoRange KernelArgument = new(0x1196, 0x119A);
    internal static readonly InfoRange KernelWorkGroup = new(0x11B0, 0x11B5);
    internal static readonly InfoRange Event = new(0x11D0, 0x11D4);

    /// <summary>Handles and pointers of this process mean nothing to a client; sources and binaries are data.</summary>
    internal static bool IsHandle(uint name) => name is
        ClNames.DevicePlatform or ClNames.DeviceParentDevice
        or 0x1081 or 0x1082 or 0x1084 // context: devices, properties, platform
        or 0x1090 or 0x1091 or 0x1095 // queue: context, device, default
        or 0x1103 or 0x1106 or 0x1107 // memory: host pointer, context, parent
        or 0x1118 // image: buffer
        or 0x1151 // sampler: context
        or 0x1161 or 0x1163 // program: context, devices
        or ClNames.ProgramSource or ClNames.ProgramBinaries or ClNames.ProgramIl
        or 0x1193 or 0x1194 // kernel: context, program
        or 0x11D0 or 0x11D4; // event: queue, context
}
