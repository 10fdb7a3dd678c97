using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Queueing.Pool;

/// <summary>
/// Whether a device can serve a request, as far as a queue can say without the cell's layouts: what surely can't be, so
/// that nobody is woken in vain, and what surely can be, so that what is reserved is of use. The cell decides.
/// </summary>
public sealed class GpuFit(GpuModels models)
{
    private readonly Dictionary<string, GpuModel> _modelOf = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Pattern, string Device), bool> _matches = [];

    /// <summary>What a device can be cut into.</summary>
    public GpuModel ModelOf(GpuInventory gpu)
    {
        if (!_modelOf.TryGetValue(gpu.Model, out var model))
        {
            _modelOf[gpu.Model] = model = models.Find(gpu.Model) ?? models.Recognize(gpu.Model);
        }

        return model;
    }

    /// <summary>The device is of the kind that is asked for.</summary>
    public bool IsOfKind(GpuRequest request, GpuInventory gpu)
    {
        if (!MatchesModel(request, gpu) || gpu.MemoryBytes < request.DeviceMemoryBytes)
        {
            return false;
        }

        var model = ModelOf(gpu);
        return (request.Vendor is not { } vendor || IsOf(vendor, gpu, model))
            && (request.ComputeCapability is not { } least || CapabilityOf(gpu, model) >= least)
            && (request.Driver is not { } driver || DriverVersion.IsAtLeast(gpu.Driver, driver))
            && (!request.Rdma || gpu.Rdma)
            && (request.NumaNode is not { } node || gpu.NumaNode == node);
    }

    /// <summary>
    /// What a request takes of one device of that kind; null if it can't be served by such a device.
    /// </summary>
    public ResourceVector? AmountOn(GpuRequest request, GpuInventory gpu)
    {
        if (request.Whole)
        {
            return new ResourceVector(1000, gpu.MemoryBytes);
        }

        var model = ModelOf(gpu);
        if (request.Function)
        {
            return model.Functions == 0 ? null : new ResourceVector(1000 / model.Functions, 0);
        }

        if (request.Profile is { } name)
        {
            return model.FindProfile(name) is not { } profile ? null
                : new ResourceVector(MilliOf(profile, model, gpu), profile.MemoryBytes);
        }

        var share = request.ShareOf(gpu.MemoryBytes);
        return share.MemoryBytes > gpu.MemoryBytes ? null
            : new ResourceVector(share.ComputePercent * 10, share.MemoryBytes);
    }

    /// <summary>What <see cref="MightServe"/> asks of any device at least.</summary>
    public static DeviceNeed LeastOf(GpuRequest request) => request.Whole ? new DeviceNeed(0, 100)
        : request.Profile is not null || request.Function ? default
        : new DeviceNeed(request.MemoryBytes ?? 0, request.ComputePercent ?? 0);

    /// <summary>False only if so much of a device can't serve one part of the request.</summary>
    public bool MightServe(GpuRequest request, FreedGpu gpu)
    {
        if (request.Whole)
        {
            return gpu.IsEmpty && MatchesModel(request, gpu.Gpu);
        }

        if (request.Profile is null && !request.Function
            && (request.MemoryBytes > gpu.MemoryFree || request.ComputePercent > gpu.ComputeFree))
        {
            return false;
        }

        return MatchesModel(request, gpu.Gpu)
            && AmountOn(request, gpu.Gpu) is { } amount
            && amount.GpuMemoryBytes <= gpu.MemoryFree
            && (request.Profile is not null || request.Function || amount.GpuMilli <= gpu.ComputeFree * 10L);
    }

    /// <summary>
    /// True only if so much of a device serves one part of the request, whatever the layout: profiles and functions are
    /// sure of a place on an empty device only.
    /// </summary>
    public bool SurelyServes(GpuRequest request, FreedGpu gpu)
    {
        if (!IsOfKind(request, gpu.Gpu) || AmountOn(request, gpu.Gpu) is not { } amount || !IsAllowed(request, gpu.Gpu))
        {
            return false;
        }

        return request.Whole || request.Profile is not null || request.Function
            ? gpu.IsEmpty
            : amount.GpuMemoryBytes <= gpu.MemoryFree && amount.GpuMilli <= gpu.ComputeFree * 10L;
    }

    private bool IsAllowed(GpuRequest request, GpuInventory gpu)
    {
        GpuMode[] wanted = request.Whole ? [GpuMode.Passthrough]
            : request.Function ? [GpuMode.Sriov]
            : request.Profile is null ? [GpuMode.Shared]
            : ModelOf(gpu).FindProfile(request.Profile) is { Kind: SliceKind.Mig } ? [GpuMode.Mig]
            : [GpuMode.Vgpu, GpuMode.VgpuMixed];
        var allowed = gpu.Modes is { Length: > 0 } modes ? modes : [GpuMode.Passthrough, GpuMode.Shared];
        return Array.Exists(wanted, mode => allowed.Contains(mode) && (gpu.Mode is null || gpu.Mode == mode));
    }

    /// <summary>The device is of a model that is asked for.</summary>
    public bool MatchesModel(GpuRequest request, GpuInventory gpu)
    {
        if (request.Model == "*")
        {
            return true;
        }

        if (!_matches.TryGetValue((request.Model, gpu.Model), out var matches))
        {
            matches = request.MatchesModel(gpu.Model) || request.MatchesModel(ModelOf(gpu).Name);
            _matches[(request.Model, gpu.Model)] = matches;
        }

        return matches;
    }

    private static bool IsOf(string vendor, GpuInventory gpu, GpuModel model) =>
        vendor.Equals(model.Vendor, StringComparison.OrdinalIgnoreCase)
        || (gpu.Vendor.StartsWith(vendor, StringComparison.OrdinalIgnoreCase)
            && (gpu.Vendor.Length == vendor.Length || !char.IsLetterOrDigit(gpu.Vendor[vendor.Length])));

    private static Version? CapabilityOf(GpuInventory gpu, GpuModel model) =>
        Version.TryParse(gpu.ComputeCapability, out var said) ? said : model.ComputeCapability;

    /// <summary>A slice with units of its own counts by these or by its memory, whichever is the larger part.</summary>
    private static long MilliOf(SliceProfile profile, GpuModel model, GpuInventory gpu)
    {
        var byMemory = gpu.MemoryBytes > 0 ? (long)(1000.0 * profile.MemoryBytes / gpu.MemoryBytes) : 1000;
        var byUnits = model.ComputeUnits is > 0 and var units ? 1000L * profile.ComputeUnits / units : 0;
        return Math.Clamp(Math.Max(byMemory, byUnits), 1, 1000);
    }
}
