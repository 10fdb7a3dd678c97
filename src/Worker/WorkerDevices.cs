using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Jobs;
using GpuActors.Worker.Nvml;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker;

/// <summary>A device that the worker offers.</summary>
/// <param name="Inventory">What the scheduler is told.</param>
/// <param name="Run">Where its attempts run.</param>
internal sealed record WorkerDevice(GpuInventory Inventory, AttemptDevice Run);

/// <summary>Chooses the devices that a worker offers.</summary>
internal static class WorkerDevices
{
    /// <summary>The machine's OpenCL devices that the settings let through, numbered from 0.</summary>
    /// <exception cref="OpenClUnavailableException">There are none.</exception>
    public static IReadOnlyList<WorkerDevice> Find(DeviceSettings settings)
    {
        var found = OpenClDevices.Discover();
        var nvidia = NvidiaDevices.OfThisHost();
        var offered = found.Where(device => settings.Offers(device.Name)).ToArray();
        return offered.Length > 0
            ? [.. offered.Select((device, index) =>
                Offer(device, index, settings.ModelFor(device.Name), nvidia.Describe(device)))]
            : throw new ArgumentException(
                $"worker.devices leaves none of the devices found: {string.Join(", ", found.Select(d => d.Name))}.");
    }

    private static WorkerDevice Offer(OpenClDevice device, int index, string? model, NvidiaGpu? nvidia) => new(
        new GpuInventory(
            index,
            model ?? device.Name,
            device.Vendor,
            device.DriverVersion,
            device.Kind.ToString().ToLowerInvariant(),
            (long)device.MemoryBytes,
            (int)device.ComputeUnits,
            ComputeCapability: nvidia?.ComputeCapability.ToString(),
            NumaNode: nvidia?.NumaNode),
        new AttemptDevice(
            new DeviceAddress(device.PlatformIndex, device.DeviceIndex), model ?? "", PresentAsGpu: model is not null));
}
