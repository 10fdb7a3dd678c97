using GpuActors.Scheduler.Placement;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Api;

/// <summary>What the API tells of a device and its slices.</summary>
internal static class GpuDescriptions
{
    /// <summary>A device as a caller may see it: tenants see their own slices only.</summary>
    /// <param name="device">As its cell says.</param>
    /// <param name="models">What devices can be cut into.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="withProfiles">Also what it could be cut into.</param>
    public static GpuStatus Of(DeviceUse device, GpuModels models, Caller caller, bool withProfiles = false)
    {
        var gpu = device.Gpu;
        var state = new GpuState(device.Host, gpu, models, device.Setting);
        Array.ForEach(device.Slices, owned => state.Restore(owned.Slice));
        var line = state.Mode is { } mode ? state.Layout.LineOf(mode)?.Width : null;
        return new GpuStatus
        {
            Id = $"{device.Host}/{gpu.Index}",
            Host = device.Host,
            Name = gpu.DeviceName ?? gpu.Model,
            Model = gpu.Model,
            Presented = gpu.DeviceName is not null && gpu.DeviceName != gpu.Model,
            ComputeUnits = gpu.ComputeUnits,
            Vendor = gpu.Vendor,
            Driver = gpu.Driver,
            ComputeCapability = gpu.ComputeCapability,
            NumaNode = gpu.NumaNode,
            NvLinkGroup = gpu.NvLinkGroup,
            Rdma = gpu.Rdma,
            MemoryTotalBytes = gpu.MemoryBytes,
            MemoryFreeBytes = state.MemoryFree,
            ComputeTotalPercent = 100,
            ComputeFreePercent = ComputeFreeOf(state),
            Mode = state.Mode,
            ModeSetting = device.Setting,
            AllowedModes = state.AllowedModes,
            Line = line,
            LineFree = [.. Enumerable.Range(0, line ?? 0).Where(unit => (state.Layout.Occupied & (UInt128.One << unit)) == 0)],
            Slices = [.. device.Slices.Where(s => MaySee(caller, s.Session)).Select(owned => Slice(state, owned))],
            Profiles = withProfiles ? ProfilesOf(state) : null,
        };
    }

    private static double ComputeFreeOf(GpuState gpu) => gpu.Mode switch
    {
        GpuMode.Mig or GpuMode.Sriov => Percent(gpu.Layout.ComputeUnitsFree, gpu.Layout.ComputeUnits),
        GpuMode.Vgpu or GpuMode.VgpuMixed => Percent(gpu.MemoryFree, gpu.Layout.MemoryBytes),
        _ => gpu.ComputeFree,
    };

    private static double Percent(long part, long all) => Math.Round(100.0 * part / Math.Max(1, all), 1);

    private static bool MaySee(Caller caller, string session) =>
        caller.Role == TicketRole.Operator || session.StartsWith(caller.Tenant + "/", StringComparison.Ordinal);

    private static SliceStatus Slice(GpuState gpu, OwnedSlice owned)
    {
        var slice = owned.Slice;
        var mode = GpuState.ModeOf(slice);
        int? start = slice.Start >= 0 ? slice.Start : null;
        return new SliceStatus
        {
            Id = slice.Name,
            Host = slice.Host,
            Gpu = $"{slice.Host}/{slice.GpuIndex}",
            Mode = mode,
            Profile = slice.Profile,
            Start = start,
            Size = start is not null && slice.Profile is { } name ? gpu.Model.FindProfile(name)?.Size : null,
            MemoryBytes = slice.MemoryBytes,
            ComputePercent = slice.ComputePercent,
            ComputeUnits = slice.ComputeUnits,
            Shares = mode == GpuMode.Shared ? slice.Shares : null,
            LimitPercent = mode == GpuMode.Shared ? slice.LimitPercent : null,
            Session = owned.Session,
            Epoch = owned.Epoch,
            Since = owned.Since,
        };
    }

    /// <summary>The profiles of the mode that it is in; of an open device those of all modes that it may be in.</summary>
    private static List<ProfileStatus> ProfilesOf(GpuState gpu)
    {
        var all = (gpu.Model.Mig?.Profiles ?? []).Concat(gpu.Model.Vgpu?.Types ?? []);
        var told = new List<ProfileStatus>();
        foreach (var profile in all)
        {
            if (ModeFor(profile, gpu) is { } mode)
            {
                told.Add(Profile(profile, mode, gpu));
            }
        }

        return told;
    }

    private static GpuMode? ModeFor(SliceProfile profile, GpuState gpu)
    {
        var modes = gpu.Mode is { } current ? [current] : gpu.AllowedModes;
        foreach (var mode in modes)
        {
            if (profile.Kind == SliceKind.Mig ? mode == GpuMode.Mig : mode is GpuMode.Vgpu or GpuMode.VgpuMixed)
            {
                return mode;
            }
        }

        return null;
    }

    private static ProfileStatus Profile(SliceProfile profile, GpuMode mode, GpuState gpu)
    {
        var line = gpu.Layout.LineOf(mode);
        var isOpen = !gpu.HasMisfits && !gpu.IsClosed;
        return new ProfileStatus
        {
            Name = profile.Name,
            Mode = mode,
            MemoryBytes = profile.MemoryBytes,
            ComputeUnits = profile.ComputeUnits,
            Size = line is null ? null : profile.Size,
            Starts = line is null || !isOpen ? []
                : [.. profile.Starts.Where(start => line.IsLegal(gpu.Layout.Occupied, line.IndexOf(profile.Name), start))],
            Fits = isOpen ? gpu.Layout.CountFitting(new SliceShape.OfProfile(profile)) : 0,
        };
    }
}
