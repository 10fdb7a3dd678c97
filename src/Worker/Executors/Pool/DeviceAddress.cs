using System.Globalization;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>A device by its place in the OpenCL loader's lists, as <c>--device</c> takes it: <c>PLATFORM/INDEX</c>.</summary>
/// <param name="Platform">Index of the platform, from 0.</param>
/// <param name="Index">Index of the device within its platform, from 0.</param>
public readonly record struct DeviceAddress(int Platform, int Index)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Platform}/{Index}");
}
