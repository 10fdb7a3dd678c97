using GpuActors.Shared.Devices;

namespace GpuActors.Shared.Tests.Devices;

public sealed class DriverVersionTests
{
    [Theory]
    [InlineData("535.104.05", "535.104", true)]
    [InlineData("535.104.05", "535.104.5", true)]
    [InlineData("535.104.05", "535.104.06", false)]
    [InlineData("535", "535.0.0", true)]
    [InlineData("550.54", "535.104.05", true)]
    [InlineData("99.9", "100", false)]
    [InlineData("3.1+debian", "3.1", true)]
    [InlineData("3590.0 (HSA1.1,LC)", "3590", true)]
    [InlineData("unknown", "1", false)]
    [InlineData("", "0", false)]
    public void A_driver_is_compared_by_the_numbers_that_its_version_begins_with(string driver, string least, bool isAtLeast) =>
        DriverVersion.IsAtLeast(driver, least).ShouldBe(isAtLeast);
}
