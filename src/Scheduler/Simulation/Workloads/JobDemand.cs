using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Simulation.Workloads;

/// <summary>
/// What a job document asks for, as placement counts it: thousandths of a GPU. A profile counts as its part of the
/// device; where on the memory line it would lie is not simulated. What a size comes to depends on the model: where
/// hosts of several models are allowed, the largest part counts on all of them.
/// </summary>
/// <param name="models">What the models of hosts are.</param>
/// <param name="hosts">The hosts' models by name.</param>
public sealed class JobDemand(GpuModels models, IEnumerable<string> hosts)
{
    private readonly GpuModel[] _models =
        [.. hosts.Distinct().Select(name => models.Find(name) ?? models.Recognize(name))];
    private readonly string[] _names = [.. hosts.Distinct()];

    /// <summary>The request; null if no model that is there fits.</summary>
    /// <param name="gpu">What the document asks of GPUs.</param>
    /// <param name="needs">What it asks of its host, and of neighbours there.</param>
    /// <param name="labels">Its own labels.</param>
    public PlacementRequest? Of(GpuRequest gpu, HostNeeds needs, TaskLabels labels)
    {
        var allowed = new List<string>();
        var most = 0;
        for (var i = 0; i < _models.Length; i++)
        {
            if (IsOfKind(gpu, i) && MilliOn(gpu, _models[i]) is { } milli and > 0 and <= ClusterState.WholeMilli)
            {
                allowed.Add(_names[i]);
                most = Math.Max(most, milli);
            }
        }

        return allowed.Count == 0 ? null : new PlacementRequest
        {
            CpuMilli = needs.CpuMilli,
            HostMemoryMib = needs.MemoryMib,
            Terms = needs.TermSet,
            Labels = labels,
            GpuCount = gpu.Count,
            GpuMilli = most,
            Models = allowed.Count == _models.Length ? ModelSet.Any : ModelSet.Of(allowed),
        };
    }

    /// <summary>
    /// The attributes that a model tells; driver, RDMA and NUMA node are a host's own, and count as there.
    /// </summary>
    private bool IsOfKind(GpuRequest gpu, int index)
    {
        var model = _models[index];
        return (gpu.MatchesModel(model.Name) || gpu.MatchesModel(_names[index]))
            && (gpu.Vendor is null || gpu.Vendor.Equals(model.Vendor, StringComparison.OrdinalIgnoreCase))
            && (gpu.DeviceMemoryBytes == 0 || model.MemoryBytes >= gpu.DeviceMemoryBytes)
            && (gpu.ComputeCapability is null || model.ComputeCapability >= gpu.ComputeCapability);
    }

    private static int? MilliOn(GpuRequest gpu, GpuModel model)
    {
        if (gpu.Whole)
        {
            return ClusterState.WholeMilli;
        }

        if (gpu.Function)
        {
            return model.Functions > 0 ? ClusterState.WholeMilli / model.Functions : null;
        }

        return gpu.Profile is { } name ? MilliOf(model.FindProfile(name), model)
            : gpu.MemoryBytes is not null && model.MemoryBytes is null ? null
            : MilliOf(gpu.ShareOf(model.MemoryBytes ?? 1), gpu, model);
    }

    private static int MilliOf(GpuShare share, GpuRequest gpu, GpuModel model)
    {
        var memory = model.MemoryBytes is { } bytes
            ? (double)share.MemoryBytes / bytes : (gpu.MemoryPercent ?? 0) / 100;
        var part = Math.Max(memory, gpu.ComputePercent is null ? 0 : share.ComputePercent / 100.0);
        return Math.Max(1, (int)Math.Ceiling((part * ClusterState.WholeMilli) - 1e-6));
    }

    /// <summary>The larger of its parts of the memory line and of the compute slices; rounded down, so that as many fit
    /// as the model has.</summary>
    private static int? MilliOf(SliceProfile? profile, GpuModel model)
    {
        if (profile is null)
        {
            return null;
        }

        if (profile.Kind == SliceKind.Vgpu)
        {
            return ClusterState.WholeMilli / profile.Max;
        }

        var slices = model.Mig!.Profiles.Max(other => other.ComputeSlices);
        return Math.Max(
            ClusterState.WholeMilli * profile.Size / model.Mig.Width,
            ClusterState.WholeMilli * profile.ComputeSlices / Math.Max(1, slices));
    }
}
