namespace GpuActors.Worker.Nvml;

internal sealed unsafe partial class NvmlLibrary
{
    /// <summary>
    /// Numbers 0, 1, … by which profiles are asked for; newer libraries know more of them, and unknown ones are
    /// refused.
    /// </summary>
    private const uint ProfileNumbersMax = 32;

    private const uint SharedEngines = 0;

    /// <summary>Most instances of one profile, or compute instances of one GPU instance, or places.</summary>
    private const int InstancesMax = 128;

    private const string NamePrefix = "MIG ";

    /// <summary>MIG mode now and after the next reset; null where the device has no MIG.</summary>
    public (bool Current, bool Pending)? MigModeOf(nint device)
    {
        uint current, pending;
        var code = _functions.DeviceGetMigMode(device, &current, &pending);
        if (code is NvmlCode.NotSupported or NvmlCode.FunctionNotFound)
        {
            return null;
        }

        Check(code, "nvmlDeviceGetMigMode");
        return (current != 0, pending != 0);
    }

    /// <summary>
    /// Asks for a mode; the answer says whether it could be activated at once
    /// (<see cref="NvmlCode.ResetRequired"/>, <see cref="NvmlCode.InUse"/>). Handles of the device are void afterwards.
    /// </summary>
    public NvmlCode SetMigMode(nint device, bool enabled)
    {
        NvmlCode activation;
        Check(_functions.DeviceSetMigMode(device, enabled ? 1u : 0, &activation), "nvmlDeviceSetMigMode");
        return activation;
    }

    /// <summary>The GPU instance profiles that the device has.</summary>
    public IReadOnlyList<MigProfile> MigProfilesOf(nint device)
    {
        var profiles = new List<MigProfile>();
        for (uint number = 0; number < ProfileNumbersMax; number++)
        {
            if (ProfileOf(device, number) is { } profile)
            {
                profiles.Add(profile);
            }
        }

        return profiles;
    }

    /// <summary>The GPU instances of a profile.</summary>
    public IReadOnlyList<nint> GpuInstancesOf(nint device, MigProfile profile)
    {
        var handles = stackalloc nint[InstancesMax];
        uint count = 0;
        Check(
            _functions.DeviceGetGpuInstances(device, (uint)profile.Id, handles, &count), "nvmlDeviceGetGpuInstances");
        return new ReadOnlySpan<nint>(handles, (int)count).ToArray();
    }

    /// <summary>Describes a GPU instance and its compute instances.</summary>
    public GpuInstance Describe(nint instance)
    {
        NvmlGpuInstanceInfo info;
        Check(_functions.GpuInstanceGetInfo(instance, &info), "nvmlGpuInstanceGetInfo");
        var (start, size) = ((int)info.Placement.Start, (int)info.Placement.Size);
        return new GpuInstance(info.Id, (int)info.ProfileId, start, size, ComputeInstancesOf(instance));
    }

    /// <summary>Makes a GPU instance at a place.</summary>
    public nint CreateGpuInstance(nint device, MigSlice slice)
    {
        nint instance;
        var place = new NvmlPlacement { Start = (uint)slice.Start, Size = (uint)slice.Size };
        Check(
            _functions.DeviceCreateGpuInstanceWithPlacement(device, (uint)slice.ProfileId, &place, &instance),
            "nvmlDeviceCreateGpuInstanceWithPlacement");
        return instance;
    }

    /// <summary>Makes the compute instance that has all of a GPU instance.</summary>
    /// <param name="instance">The GPU instance.</param>
    /// <param name="slices">Its compute slices.</param>
    public void CreateWholeComputeInstance(nint instance, int slices)
    {
        var whole = ComputeProfilesOf(instance).FirstOrDefault(profile => profile.SliceCount == slices);
        if (whole.SliceCount == 0)
        {
            throw new NvmlException(
                "nvmlGpuInstanceGetComputeInstanceProfileInfo",
                NvmlCode.NotSupported,
                $"no compute instance has all {slices} slices of the GPU instance");
        }

        nint compute;
        Check(
            _functions.GpuInstanceCreateComputeInstance(instance, whole.Id, &compute),
            "nvmlGpuInstanceCreateComputeInstance");
    }

    /// <summary>Takes a GPU instance away; it must have no compute instances.</summary>
    public void DestroyGpuInstance(nint device, uint id) =>
        Check(_functions.GpuInstanceDestroy(GpuInstanceOf(device, id)), "nvmlGpuInstanceDestroy");

    /// <summary>Takes a compute instance away; nothing may run on it.</summary>
    public void DestroyComputeInstance(nint device, uint gpuInstance, uint id)
    {
        nint compute;
        Check(
            _functions.GpuInstanceGetComputeInstanceById(GpuInstanceOf(device, gpuInstance), id, &compute),
            "nvmlGpuInstanceGetComputeInstanceById");
        Check(_functions.ComputeInstanceDestroy(compute), "nvmlComputeInstanceDestroy");
    }

    /// <summary>Handle of a GPU instance by its id.</summary>
    public nint GpuInstanceOf(nint device, uint id)
    {
        nint instance;
        Check(_functions.DeviceGetGpuInstanceById(device, id, &instance), "nvmlDeviceGetGpuInstanceById");
        return instance;
    }

    /// <summary>What CUDA and OpenCL can open on the device: a MIG device for each compute instance.</summary>
    public IReadOnlyList<MigDevice> MigDevicesOf(nint device)
    {
        uint max;
        if (_functions.DeviceGetMaxMigDeviceCount(device, &max) != NvmlCode.Success)
        {
            return [];
        }

        var devices = new List<MigDevice>();
        for (uint index = 0; index < max; index++)
        {
            nint handle;
            var code = _functions.DeviceGetMigDeviceHandleByIndex(device, index, &handle);
            if (code is NvmlCode.NotFound or NvmlCode.InvalidArgument)
            {
                continue; // the numbers have gaps
            }

            Check(code, "nvmlDeviceGetMigDeviceHandleByIndex");
            uint gpuInstance, compute;
            Check(_functions.DeviceGetGpuInstanceId(handle, &gpuInstance), "nvmlDeviceGetGpuInstanceId");
            Check(_functions.DeviceGetComputeInstanceId(handle, &compute), "nvmlDeviceGetComputeInstanceId");
            devices.Add(new MigDevice(UuidOf(handle), gpuInstance, compute));
        }

        return devices;
    }

    private MigProfile? ProfileOf(nint device, uint number)
    {
        NvmlGpuInstanceProfileInfoV2 named;
        named.Version = NvmlGpuInstanceProfileInfoV2.CurrentVersion;
        var code = _functions.DeviceGetGpuInstanceProfileInfoV(device, number, &named);
        if (code is NvmlCode.FunctionNotFound or NvmlCode.ArgumentVersionMismatch)
        {
            return UnnamedProfileOf(device, number);
        }

        if (code is NvmlCode.NotSupported or NvmlCode.InvalidArgument)
        {
            return null;
        }

        Check(code, "nvmlDeviceGetGpuInstanceProfileInfoV");
        var name = TextOf(named.Name, NvmlGpuInstanceProfileInfoV2.NameBytes);
        return new MigProfile(
            (int)named.Id,
            name.StartsWith(NamePrefix, StringComparison.Ordinal) ? name[NamePrefix.Length..] : name,
            (int)named.SliceCount,
            (int)named.InstanceCount,
            (int)named.OfaCount,
            PlacesOf(device, named.Id));
    }

    /// <summary>As drivers before 510 tell it.</summary>
    private MigProfile? UnnamedProfileOf(nint device, uint number)
    {
        NvmlGpuInstanceProfileInfo info;
        var code = _functions.DeviceGetGpuInstanceProfileInfo(device, number, &info);
        if (code is NvmlCode.NotSupported or NvmlCode.InvalidArgument)
        {
            return null;
        }

        Check(code, "nvmlDeviceGetGpuInstanceProfileInfo");
        return new MigProfile(
            (int)info.Id,
            null,
            (int)info.SliceCount,
            (int)info.InstanceCount,
            (int)info.OfaCount,
            PlacesOf(device, info.Id));
    }

    private IReadOnlyList<MigPlace> PlacesOf(nint device, uint profileId)
    {
        const string call = "nvmlDeviceGetGpuInstancePossiblePlacements_v2";
        uint count = 0;
        Check(_functions.DeviceGetGpuInstancePossiblePlacements(device, profileId, null, &count), call);
        var places = new NvmlPlacement[Math.Min(count, InstancesMax)];
        count = (uint)places.Length;
        fixed (NvmlPlacement* pointer = places)
        {
            Check(_functions.DeviceGetGpuInstancePossiblePlacements(device, profileId, pointer, &count), call);
        }

        return [.. places.Take((int)count).Select(place => new MigPlace((int)place.Start, (int)place.Size))];
    }

    private IReadOnlyList<ComputeInstance> ComputeInstancesOf(nint instance)
    {
        var found = new List<ComputeInstance>();
        var handles = stackalloc nint[InstancesMax];
        foreach (var profile in ComputeProfilesOf(instance).DistinctBy(profile => profile.Id))
        {
            uint count = 0;
            Check(
                _functions.GpuInstanceGetComputeInstances(instance, profile.Id, handles, &count),
                "nvmlGpuInstanceGetComputeInstances");
            for (var i = 0; i < count; i++)
            {
                NvmlComputeInstanceInfo info;
                Check(_functions.ComputeInstanceGetInfo(handles[i], &info), "nvmlComputeInstanceGetInfo_v2");
                found.Add(new ComputeInstance(info.Id, (int)profile.SliceCount));
            }
        }

        return found;
    }

    private List<NvmlComputeInstanceProfileInfo> ComputeProfilesOf(nint instance)
    {
        var profiles = new List<NvmlComputeInstanceProfileInfo>();
        for (uint number = 0; number < ProfileNumbersMax; number++)
        {
            NvmlComputeInstanceProfileInfo info;
            var code = _functions.GpuInstanceGetComputeInstanceProfileInfo(instance, number, SharedEngines, &info);
            if (code is NvmlCode.NotSupported or NvmlCode.InvalidArgument)
            {
                continue;
            }

            Check(code, "nvmlGpuInstanceGetComputeInstanceProfileInfo");
            profiles.Add(info);
        }

        return profiles;
    }
}
