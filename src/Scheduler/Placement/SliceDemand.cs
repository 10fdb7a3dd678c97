using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Placement;

/// <summary>What one request asks of a device: which kind it must be, and what shape of slice it would give.</summary>
internal sealed class SliceDemand(GpuRequest request)
{
    private readonly Dictionary<GpuModel, SliceShape?> _profiles = [];
    private readonly Dictionary<long, SliceShape.Fraction> _fractions = [];
    private readonly SliceShape? _same = request.Whole ? new SliceShape.Whole()
        : request.Function ? new SliceShape.Function() : null;

    public GpuRequest Request => request;

    /// <summary>The shape of the slice on a device; null if its model has no such profile.</summary>
    public SliceShape? ShapeOn(GpuState gpu)
    {
        if (_same is not null)
        {
            return _same;
        }

        return request.Profile is { } name ? ProfileOf(gpu.Model, name) : FractionOf(gpu.Layout.MemoryBytes);
    }

    /// <summary>The first attribute that a device lacks; none if it is of the kind asked for.</summary>
    public Obstacle KindOf(GpuState gpu)
    {
        var device = gpu.Inventory;
        return !request.MatchesModel(device.Model) && !request.MatchesModel(gpu.Model.Name) ? Obstacle.Model
            : request.Vendor is { } vendor && !IsOf(vendor, gpu) ? Obstacle.Vendor
            : device.MemoryBytes < request.DeviceMemoryBytes ? Obstacle.DeviceMemory
            : request.ComputeCapability is { } least && !(CapabilityOf(gpu) >= least) ? Obstacle.ComputeCapability
            : request.Driver is { } driver && !DriverVersion.IsAtLeast(device.Driver, driver) ? Obstacle.Driver
            : request.Rdma && !device.Rdma ? Obstacle.Rdma
            : request.NumaNode is { } node && device.NumaNode != node ? Obstacle.Numa
            : Obstacle.None;
    }

    /// <summary>"NVIDIA" is also who calls itself "NVIDIA Corporation", or whose model is NVIDIA's.</summary>
    private static bool IsOf(string vendor, GpuState gpu)
    {
        var said = gpu.Inventory.Vendor;
        return vendor.Equals(gpu.Model.Vendor, StringComparison.OrdinalIgnoreCase)
            || (said.StartsWith(vendor, StringComparison.OrdinalIgnoreCase)
                && (said.Length == vendor.Length || !char.IsLetterOrDigit(said[vendor.Length])));
    }

    private static Version? CapabilityOf(GpuState gpu) =>
        Version.TryParse(gpu.Inventory.ComputeCapability, out var said) ? said : gpu.Model.ComputeCapability;

    private SliceShape? ProfileOf(GpuModel model, string name)
    {
        if (!_profiles.TryGetValue(model, out var shape))
        {
            _profiles[model] = shape = model.FindProfile(name) is { } profile ? new SliceShape.OfProfile(profile) : null;
        }

        return shape;
    }

    private SliceShape.Fraction FractionOf(long memoryBytes)
    {
        if (!_fractions.TryGetValue(memoryBytes, out var shape))
        {
            var share = request.ShareOf(memoryBytes);
            _fractions[memoryBytes] = shape = new SliceShape.Fraction(share.MemoryBytes, share.ComputePercent);
        }

        return shape;
    }
}
