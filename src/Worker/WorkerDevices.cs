using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Jobs;
using GpuActors.Worker.Nvml;
using GpuActors.Worker.OpenCL;

namespace GpuActors.Worker;

/// <summary>A device that the worker offers.</summary>
/// <param name="Inventory">What the scheduler is told.</param>
/// <param name="Run">Where its attempts run.</param>
/// <param name="StartsAhead">
/// Executors may open it before a session is there; not a GPU that its driver will be asked to cut.
/// </param>
internal sealed record WorkerDevice(GpuInventory Inventory, AttemptDevice Run, bool StartsAhead = true);

/// <summary>Chooses the devices that a worker offers.</summary>
internal static class WorkerDevices
{
    /// <summary>The machine's OpenCL devices that the settings let through, numbered from 0.</summary>
    /// <exception cref="OpenClUnavailableException">There are none.</exception>
    public static IReadOnlyList<WorkerDevice> Find(DeviceSettings settings, GpuModels models, NvidiaDevices nvidia)
    {
        var found = WholeCards(OpenClDevices.Discover(), nvidia);
        var offered = found.Where(device => settings.Offers(device.Name)).ToArray();
        return offered.Length > 0
            ? [.. offered.Select((device, index) => Offer(device, index, settings, models, nvidia.Describe(device)))]
            : throw new ArgumentException(
                $"worker.devices leaves none of the devices found: {string.Join(", ", found.Select(d => d.Name))}.");
    }

    /// <summary>The modes that a device can be in, the simplest first.</summary>
    internal static GpuMode[] ModesOf(GpuModel model, SharePolicy policy)
    {
        GpuMode?[] modes =
        [
            GpuMode.Passthrough,
            GpuMode.Shared,
            model.Mig is null ? null : GpuMode.Mig,
            model.Vgpu is null ? null : GpuMode.Vgpu,
            model.Vgpu?.Mixed is null || policy == SharePolicy.FixedShare ? null : GpuMode.VgpuMixed,
            model.Functions > 0 ? GpuMode.Sriov : null,
        ];
        return [.. modes.OfType<GpuMode>()];
    }

    /// <summary>
    /// Of a GPU in MIG mode OpenCL shows an instance that it has now; it is offered as the card that it is, once.
    /// </summary>
    internal static OpenClDevice[] WholeCards(IReadOnlyList<OpenClDevice> found, NvidiaDevices nvidia)
    {
        var cards = new HashSet<string>();
        return
        [
            .. found.Select(device => (Device: device, Gpu: nvidia.Describe(device)))
                .Where(pair => pair.Gpu is not { Mig: { Enabled: true, CanBeCut: true } } gpu || cards.Add(gpu.Uuid))
                .Select(pair => pair.Gpu is { Mig: { Enabled: true, CanBeCut: true } } gpu
                    ? pair.Device with { Name = gpu.Name, MemoryBytes = (ulong)gpu.MemoryBytes, Pci = gpu.Pci }
                    : pair.Device),
        ];
    }

    private static WorkerDevice Offer(
        OpenClDevice device, int index, DeviceSettings settings, GpuModels models, NvidiaGpu? nvidia)
    {
        var presented = settings.ModelFor(device.Name);
        var name = presented ?? device.Name;
        var model = models.Recognize(name);
        var shown = presented is null ? name : model.IsGeneric ? name : model.Name;
        var modes = ModesOf(model, settings.TimeSlice.Policy);
        var inMig = nvidia is { Mig: { Enabled: true, CanBeCut: true } };
        var isCut = presented is null && model.Mig is not null && nvidia is { Mig.CanBeCut: true };
        var migGpu = isCut ? nvidia!.Uuid : null;
        var mode = CheckedMode(settings.ModeFor(device.Name, shown), modes, shown);
        return new WorkerDevice(
            new GpuInventory(
                index,
                shown,
                presented is null ? device.Vendor : model.VendorOr(device.Vendor),
                device.DriverVersion,
                device.Kind.ToString().ToLowerInvariant(),
                presented is null ? (long)device.MemoryBytes : model.MemoryBytes ?? (long)device.MemoryBytes,
                presented is null && !inMig ? (int)device.ComputeUnits : model.ComputeUnits ?? (int)device.ComputeUnits,
                presented is null ? null : device.Name,
                modes,
                mode,
                nvidia?.ComputeCapability.ToString() ?? model.ComputeCapability?.ToString(),
                nvidia?.NumaNode,
                NvLinkGroup: settings.NvLinkGroupOf(index)),
            new AttemptDevice(
                new DeviceAddress(device.PlatformIndex, device.DeviceIndex),
                model,
                presented is null ? "" : shown,
                presented is not null,
                (int)device.ComputeUnits,
                device.CanPartition,
                settings.TimeSlice.Policy,
                migGpu),
            migGpu is null || !(inMig || mode == GpuMode.Mig));
    }

    private static GpuMode? CheckedMode(GpuMode? mode, GpuMode[] modes, string model) =>
        mode is not { } wanted || modes.Contains(wanted) ? mode : throw new ArgumentException(
            $"worker.devices.mode wants {GpuModes.NameOf(wanted)} for {model}, which can be "
            + $"{string.Join(", ", modes.Select(GpuModes.NameOf))}.");
}
