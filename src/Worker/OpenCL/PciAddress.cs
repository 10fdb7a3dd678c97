using System.Runtime.InteropServices;

namespace GpuActors.Worker.OpenCL;

/// <summary>Where a device sits on the PCI bus; what two interfaces to one card agree on.</summary>
/// <param name="Domain">Domain (segment).</param>
/// <param name="Bus">Bus.</param>
/// <param name="Device">Device on the bus, 0 to 31.</param>
/// <param name="Function">Function of the device, 0 to 7.</param>
public readonly record struct PciAddress(uint Domain, uint Bus, uint Device, uint Function)
{
    /// <summary>Of one card, whichever of its functions is meant.</summary>
    public bool IsSameCard(PciAddress other) => (Domain, Bus, Device) == (other.Domain, other.Bus, other.Device);

    /// <summary>As Linux writes it: <c>0000:3b:00.0</c>.</summary>
    public override string ToString() => $"{Domain:x4}:{Bus:x2}:{Device:x2}.{Function:x}";

    /// <summary>
    /// What OpenCL says: <c>cl_khr_pci_bus_info</c>, or else NVIDIA's <c>cl_nv_device_attribute_query</c>, whose slot
    /// holds the device in its upper five bits and the function in its lower three. Null where a device has neither.
    /// </summary>
    /// <param name="read">Value of a device property; null if the device does not have it.</param>
    internal static PciAddress? Of(Func<uint, byte[]?> read)
    {
        var khronos = Numbers(read(ClNames.DevicePciBusInfo));
        if (khronos.Length == 4)
        {
            return new PciAddress(khronos[0], khronos[1], khronos[2], khronos[3]);
        }

        var bus = Numbers(read(ClNames.DevicePciBusIdNv));
        var slot = Numbers(read(ClNames.DevicePciSlotIdNv));
        if (bus.Length != 1 || slot.Length != 1)
        {
            return null;
        }

        // Drivers before the property was added serve machines with one domain.
        var domain = Numbers(read(ClNames.DevicePciDomainIdNv)) is [var number] ? number : 0;
        return new PciAddress(domain, bus[0], slot[0] >> 3, slot[0] & 7);
    }

    private static ReadOnlySpan<uint> Numbers(byte[]? value) =>
        value is not null && value.Length % sizeof(uint) == 0 ? MemoryMarshal.Cast<byte, uint>(value) : [];
}
