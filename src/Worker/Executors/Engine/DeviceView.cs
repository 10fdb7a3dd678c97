using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using GpuActors.Shared.Commands;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Device properties as a session sees them: its slice's sizes and name, and only what crosses the wire faithfully.
/// Shared virtual memory needs equal addresses on both sides, native kernels are the client's functions, and
/// device-side queues, pipes, intermediate languages and built-in kernels have no commands: all are reported absent,
/// which OpenCL 3.0 allows.
/// </summary>
internal sealed class DeviceView(OpenSession session, ulong maxAllocationBytes, bool isSlice)
{
    /// <summary>
    /// Extensions of the kernel language (they need nothing of the host), by prefix where families grow. The others
    /// add entry points or objects that the command stream does not carry.
    /// </summary>
    private static readonly string[] FaithfulExtensions =
    [
        "cl_khr_fp16", "cl_khr_fp64", "cl_khr_int64_", "cl_khr_global_int32_", "cl_khr_local_int32_",
        "cl_khr_byte_addressable_store", "cl_khr_3d_image_writes", "cl_khr_select_fprounding_mode",
        "cl_khr_subgroup", "cl_khr_integer_dot_product", "cl_khr_extended_bit_ops", "cl_khr_expect_assume",
        "cl_khr_depth_images", "cl_khr_device_uuid", "cl_khr_pci_bus_info", "cl_khr_extended_versioning",
        "cl_khr_work_group_uniform_arithmetic", "cl_nv_pragma_unroll", "cl_nv_device_attribute_query",
        "cl_amd_device_attribute_query", "cl_amd_media_ops", "cl_amd_printf", "cl_amd_vec3", "cl_intel_subgroups",
        "cl_ext_float_atomics",
    ];

    /// <summary>All properties of the device behind <paramref name="call"/>, as the session may see them.</summary>
    public List<InfoEntry> ReadAll(InfoCall call)
    {
        List<InfoEntry> entries =
            InfoReader.ReadAll(call, InfoRange.Device, InfoRange.DeviceVendor, InfoRange.DeviceBus);
        for (var i = 0; i < entries.Count; i++)
            entries[i] = entries[i] with { Value = Present(entries[i].Name, entries[i].Value) };
        return entries;
    }

    private Bytes Present(uint name, Bytes value) => name switch
    {
        ClNames.DeviceGlobalMemSize => session.PresentAsGpu ? Number(session.MemoryBytes) : AtMost(value, session.MemoryBytes),
        ClNames.DeviceMaxComputeUnits when isSlice && session.PresentedUnits > 0 =>
            BitConverter.GetBytes(session.PresentedUnits),
        ClNames.DeviceMaxMemAllocSize => AtMost(value, maxAllocationBytes),
        ClNames.DeviceMaxConstantBufferSize => AtMost(value, maxAllocationBytes),
        ClNames.DeviceName when isSlice && session.DeviceName.Length > 0 => Text(session.DeviceName),
        ClNames.DeviceType when session.PresentAsGpu => Number(ClNames.DeviceTypeGpu),
        ClNames.DeviceExecutionCapabilities => Number(ClNames.ExecKernel),
        ClNames.DeviceExtensions => Text(Faithful(Encoding.UTF8.GetString(value.Span).TrimEnd('\0'))),
        ClNames.DeviceExtensionsWithVersion => FaithfulVersions(value),
        ClNames.DeviceBuiltInKernels or ClNames.DeviceIlVersion => Text(""),
        ClNames.DeviceIlsWithVersion or ClNames.DeviceBuiltInKernelsWithVersion => Array.Empty<byte>(),
        ClNames.DeviceReferenceCount => BitConverter.GetBytes(1),
        ClNames.DevicePartitionType when isSlice => Array.Empty<byte>(), // the slice is the client's root device
        ClNames.DeviceSvmCapabilities or ClNames.DeviceQueueOnDeviceProperties
            or ClNames.DeviceQueueOnDevicePreferredSize or ClNames.DeviceQueueOnDeviceMaxSize
            or ClNames.DeviceMaxOnDeviceQueues or ClNames.DeviceMaxOnDeviceEvents or ClNames.DeviceMaxPipeArgs
            or ClNames.DevicePipeMaxActiveReservations or ClNames.DevicePipeMaxPacketSize
            or ClNames.DeviceDeviceEnqueueCapabilities or ClNames.DevicePipeSupport => new byte[value.Length],
        _ => value,
    };

    private static Bytes AtMost(Bytes value, ulong limit) =>
        value.Length == sizeof(ulong) ? Number(Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(value.Span), limit)) : value;

    private static Bytes Number(ulong value) => BitConverter.GetBytes(value);

    private static Bytes Text(string text) => Encoding.UTF8.GetBytes(text + '\0');

    private static string Faithful(string extensions) =>
        string.Join(' ', extensions.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(IsFaithful));

    private static bool IsFaithful(string extension) =>
        FaithfulExtensions.Any(prefix => extension.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>An array of <c>cl_name_version</c>: a u32 version and 64 bytes of name each.</summary>
    private static Bytes FaithfulVersions(Bytes value)
    {
        const int NameBytes = 64;
        const int EntryBytes = sizeof(uint) + NameBytes;
        var kept = new List<byte>();
        for (var at = 0; at + EntryBytes <= value.Length; at += EntryBytes)
        {
            ReadOnlySpan<byte> entry = value.Span.Slice(at, EntryBytes);
            if (IsFaithful(Encoding.UTF8.GetString(entry[sizeof(uint)..]).TrimEnd('\0')))
                kept.AddRange(entry);
        }
        return CollectionsMarshal.AsSpan(kept).ToArray();
    }
}
