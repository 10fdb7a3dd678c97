using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker.Tests.OpenCL;

public class OpenClDevicesTests
{
    [Fact]
    public void Discovery_finds_a_device_and_says_what_it_can_do()
    {
        OpenClDevice device = OpenClDevices.Discover()[0];

        device.Selector.ShouldBe("0/0");
        device.Name.ShouldNotBeEmpty();
        device.Version.ShouldStartWith("OpenCL ");
        device.MemoryBytes.ShouldBeGreaterThan(100UL << 20);
        device.MaxAllocationBytes.ShouldBeInRange(1UL, device.MemoryBytes);
        device.ComputeUnits.ShouldBeGreaterThan(0U);
        device.Extensions.ShouldContain(extension => extension.StartsWith("cl_khr_"));
    }

    [Fact]
    public void A_device_is_opened_by_its_platforms_number_or_name()
    {
        OpenClDevice device = OpenClDevices.Discover()[0];

        OpenClDevices.Open("0/0").Description.Name.ShouldBe(device.Name);
        OpenClDevices.Open($"{device.PlatformName}/0").Description.Name.ShouldBe(device.Name);
    }

    [Theory]
    [InlineData("0/99")]
    [InlineData("7/0")]
    [InlineData("no such platform/0")]
    [InlineData("0/x")]
    [InlineData("")]
    public void A_device_that_is_not_there_is_named_with_those_that_are(string selector)
    {
        string message = Should.Throw<OpenClUnavailableException>(() => OpenClDevices.Open(selector)).Message;

        message.ShouldContain($"'{selector}'");
        message.ShouldContain("0/0 (");
    }
}
