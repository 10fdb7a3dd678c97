using GpuActors.Worker.Nvml;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Tests.Nvml;

public sealed class NvidiaDevicesTests
{
    private static readonly OpenClDevice Device = OpenClDevices.Discover()[0] with
    {
        Name = "NVIDIA A30",
        Vendor = "NVIDIA Corporation",
    };

    [Fact]
    public void A_device_is_on_the_card_at_its_address_whatever_the_names_say()
    {
        var devices = new NvidiaDevices([Gpu("NVIDIA A30", bus: 1), Gpu("NVIDIA A30", bus: 2)]);

        devices.Describe(Device with { Pci = new PciAddress(0, 2, 0, 0) }).ShouldBe(devices.Gpus[1]);
        devices.Describe(Device with { Pci = new PciAddress(0, 1, 0, 3), Name = "x" }).ShouldBe(devices.Gpus[0]);
        devices.Describe(Device with { Pci = new PciAddress(1, 1, 0, 0) }).ShouldBeNull("the domain is another");
    }

    [Fact]
    public void A_device_without_an_address_is_the_only_one_of_its_name_or_none()
    {
        var one = new NvidiaDevices([Gpu("NVIDIA A30", bus: 1), Gpu("Tesla T4", bus: 2)]);
        var two = new NvidiaDevices([Gpu("NVIDIA A30", bus: 1), Gpu("NVIDIA A30", bus: 2)]);

        one.Describe(Device with { Pci = null }).ShouldBe(one.Gpus[0]);
        two.Describe(Device with { Pci = null }).ShouldBeNull();
        one.Describe(Device with { Pci = null, Vendor = "The pocl project" }).ShouldBeNull();
    }

    [Fact]
    public void The_Khronos_address_counts_before_NVIDIAs_own()
    {
        var both = new Dictionary<uint, byte[]>
        {
            [0x410F] = Bytes(1, 2, 3, 4),
            [0x4008] = Bytes(9),
            [0x4009] = Bytes((5 << 3) | 1),
            [0x400A] = Bytes(7),
        };
        PciAddress.Of(both.GetValueOrDefault).ShouldBe(new PciAddress(1, 2, 3, 4));
        both.Remove(0x410F);
        PciAddress.Of(both.GetValueOrDefault).ShouldBe(new PciAddress(7, 9, 5, 1));
        both.Remove(0x400A);
        PciAddress.Of(both.GetValueOrDefault).ShouldBe(new PciAddress(0, 9, 5, 1), "old drivers name no domain");
        both.Remove(0x4009);
        PciAddress.Of(both.GetValueOrDefault).ShouldBeNull();
    }

    private static NvidiaGpu Gpu(string name, uint bus) =>
        new($"GPU-{bus}", name, new PciAddress(0, bus, 0, 0), 24L << 30, new Version(8, 0), "550.90.07", 0, null);

    private static byte[] Bytes(params uint[] numbers) => [.. numbers.SelectMany(BitConverter.GetBytes)];
}
