using GpuActors.Worker.Nvml;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Tests.Nvml;

public sealed class NvidiaDiscoveryTests
{
    [Fact]
    public void GPUs_are_described_as_their_driver_knows_them()
    {
        using var fake = new FakeNvml();
        fake.Add("A100-40", domain: 0x10000, bus: 0x3b, device: 2, numa: 1);
        fake.Add("T4", bus: 0xaf, numa: -1);

        var gpus = NvidiaDevices.OfThisHost(fake.Path).Gpus;

        gpus.Count.ShouldBe(2);
        gpus[0].ShouldBe(new NvidiaGpu(
            "GPU-00000000-0000-4000-8000-00000000003b",
            "NVIDIA A100-SXM4-40GB",
            new PciAddress(0x10000, 0x3b, 2, 0),
            40L << 30,
            new Version(8, 0),
            "550.90.07",
            1,
            gpus[0].Mig));
        gpus[0].Mig.ShouldNotBeNull().Enabled.ShouldBeFalse();
        (gpus[1].Name, gpus[1].ComputeCapability, gpus[1].NumaNode, gpus[1].Mig)
            .ShouldBe(("Tesla T4", new Version(7, 5), null, null));
    }

    [Fact]
    public void A_NUMA_node_beyond_the_first_word_of_the_set_is_found()
    {
        using var fake = new FakeNvml();
        fake.Add("T4", numa: 70);

        NvidiaDevices.OfThisHost(fake.Path).Gpus[0].NumaNode.ShouldBe(70);
    }

    [Fact]
    public void Instances_and_their_devices_are_found()
    {
        using var fake = FakeNvml.WithMig("A100-40", out var uuid);
        using var nvml = fake.Open();
        new MigLayout(nvml).Apply(uuid, [Slices.Of("A100-40", "3g.20gb", 4), Slices.Of("A100-40", "1g.5gb", 0)]);
        fake.Spoil(start: 4, slices: 2);

        var mig = NvidiaDevices.OfThisHost(fake.Path).Gpus[0].Mig.ShouldNotBeNull();

        mig.IsResetPending.ShouldBeFalse();
        mig.Instances.ShouldNotBeNull().Select(there => (there.ProfileId, there.Start, there.Size))
            .ShouldBe([(19, 0, 1), (9, 4, 4)]);
        mig.Instances.SelectMany(there => there.Compute).Select(compute => compute.Slices).ShouldBe([1, 2]);
        mig.Devices.Select(device => device.GpuInstance)
            .ShouldBe(mig.Instances.Select(there => there.Id), ignoreOrder: true);
        mig.Devices.ShouldAllBe(device => device.Uuid.StartsWith("MIG-", StringComparison.Ordinal));
    }

    [Fact]
    public void A_user_without_privileges_sees_the_GPU_and_its_devices_but_not_its_instances()
    {
        using var fake = FakeNvml.WithMig("A30", out var uuid);
        using (var nvml = fake.Open())
        {
            new MigLayout(nvml).Apply(uuid, [Slices.Of("A30", "2g.12gb", 0)]);
        }

        fake.SetPrivileged(false);
        var gpu = NvidiaDevices.OfThisHost(fake.Path).Gpus.ShouldHaveSingleItem();

        gpu.Mig.ShouldNotBeNull().Enabled.ShouldBeTrue();
        gpu.Mig.Instances.ShouldBeNull();
        gpu.Mig.Devices.ShouldHaveSingleItem();
    }

    [Fact]
    public void A_host_without_NVIDIA_has_no_such_GPUs_and_is_not_disturbed()
    {
        var devices = NvidiaDevices.OfThisHost();

        // On a machine that has some, there is no reason; on the others there are none.
        (devices.Gpus.Count == 0 || devices.Unavailable.Length == 0).ShouldBeTrue();
        devices.Describe(OpenClDevices.Discover()[0] with { Pci = null, Vendor = "The pocl project" }).ShouldBeNull();
    }

    [Fact]
    public void A_library_that_was_named_must_be_there_and_have_its_driver()
    {
        using var fake = new FakeNvml();
        fake.SetInit(NvmlCode.DriverNotLoaded);

        Should.Throw<NvmlUnavailableException>(() => NvidiaDevices.OfThisHost("/nowhere/libnvidia-ml.so.1"))
            .Message.ShouldContain("/nowhere/libnvidia-ml.so.1");
        Should.Throw<NvmlUnavailableException>(() => NvidiaDevices.OfThisHost(fake.Path))
            .Message.ShouldContain("nvmlInit_v2: Driver Not Loaded (9)");
    }

    [Fact]
    public void A_failed_call_is_named_with_what_the_library_says_of_it()
    {
        using var fake = new FakeNvml();
        using var nvml = fake.Open();

        var failure = Should.Throw<NvmlException>(() => nvml.DeviceOf("GPU-of-another-host"));

        failure.Code.ShouldBe(NvmlCode.NotFound);
        failure.Message.ShouldBe("nvmlDeviceGetHandleByUUID(GPU-of-another-host): Not Found (6)");
    }
}
