using System.Text.Json.Serialization;
using GpuActors.Shared.Devices;

namespace GpuActors.Shared.Api;

/// <summary>What the scheduler thinks of a host.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HostState>))]
public enum HostState
{
    /// <summary>Its worker is connected and holds its lease.</summary>
    [JsonStringEnumMemberName("up")]
    Up,

    /// <summary>No word from its worker; its lease runs out before its slices are given away.</summary>
    [JsonStringEnumMemberName("lost")]
    Lost,

    /// <summary>Runs what it has and gets nothing new.</summary>
    [JsonStringEnumMemberName("draining")]
    Draining,

    /// <summary>Its worker said good-bye, or its lease ran out.</summary>
    [JsonStringEnumMemberName("down")]
    Down,
}

/// <summary>A machine with GPUs that runs a worker.</summary>
public sealed record HostStatus
{
    /// <summary>The host's name, unique in the cluster.</summary>
    public required string Name { get; init; }

    /// <summary>Where its worker's data plane is reached: <c>address:port</c>.</summary>
    public string? Address { get; init; }

    /// <summary>Where programs that use its GPUs connect, <c>HOST:PORT</c>; null if it runs no interactive sessions.</summary>
    public string? Gateway { get; init; }

    /// <summary>What the scheduler thinks of it.</summary>
    public required HostState State { get; init; }

    /// <summary>Version of its worker.</summary>
    public string? Version { get; init; }

    /// <summary>CPU that jobs may take, in cores; null if its worker does not tell.</summary>
    public double? Cores { get; init; }

    /// <summary>CPU that no job has, in cores; below 0 if it came back with less than jobs have.</summary>
    public double? CoresFree { get; init; }

    /// <summary>Memory of the host that jobs may take, in bytes; null if its worker does not tell.</summary>
    public long? MemoryTotalBytes { get; init; }

    /// <summary>Memory of the host that no job has, in bytes; below 0 likewise.</summary>
    public long? MemoryFreeBytes { get; init; }

    /// <summary>Where it stands; null if nobody says.</summary>
    public string? Rack { get; init; }

    /// <summary>Its further labels, by which jobs can ask for it.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? new Dictionary<string, string>(); } =
        new Dictionary<string, string>();

    /// <summary>Its GPUs by index.</summary>
    public IReadOnlyList<GpuStatus> Gpus { get; init => field = value ?? []; } = [];

    /// <summary>The worker's lease; null when it holds none.</summary>
    public HostLease? Lease { get; init; }
}

/// <summary>The right of a worker to run sessions.</summary>
/// <param name="Epoch">Grows with each new holder.</param>
/// <param name="ExpiresAt">When it ends unless it is renewed, by the scheduler's clock.</param>
public sealed record HostLease(long Epoch, DateTimeOffset ExpiresAt);

/// <summary>One physical device.</summary>
public sealed record GpuStatus
{
    /// <summary><c>HOST/INDEX</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The host's name.</summary>
    public required string Host { get; init; }

    /// <summary>The device's own name, as its driver gives it.</summary>
    public required string Name { get; init; }

    /// <summary>The model that it counts as; differs from the device's own when <see cref="Presented"/>.</summary>
    public required string Model { get; init; }

    /// <summary>True when the worker's configuration lets it present as <see cref="Model"/>.</summary>
    public bool Presented { get; init; }

    /// <summary>Its compute units, those of the model if it presents as one.</summary>
    public int ComputeUnits { get; init; }

    /// <summary>Who makes it, as its driver says.</summary>
    public string? Vendor { get; init; }

    /// <summary>Version of its driver.</summary>
    public string? Driver { get; init; }

    /// <summary>CUDA compute capability, <c>8.0</c>; null where there is none.</summary>
    public string? ComputeCapability { get; init; }

    /// <summary>NUMA node that it is attached to; null if not known.</summary>
    public int? NumaNode { get; init; }

    /// <summary>Number of the group of the host's GPUs that NVLink connects it with; null if not known.</summary>
    public int? NvLinkGroup { get; init; }

    /// <summary>Network adapters can read and write its memory.</summary>
    public bool Rdma { get; init; }

    /// <summary>Memory that can be given to slices, in bytes.</summary>
    public long MemoryTotalBytes { get; init; }

    /// <summary>Memory that no slice owns, in bytes.</summary>
    public long MemoryFreeBytes { get; init; }

    /// <summary>Compute that can be given to slices, in percent of the device.</summary>
    public double ComputeTotalPercent { get; init; }

    /// <summary>
    /// Compute that no slice owns, in percent of the device: what fractions have not reserved; of MIG slices and
    /// virtual functions the part of the compute units; of vGPUs, which take turns, the part of the memory.
    /// </summary>
    public double ComputeFreePercent { get; init; }

    /// <summary>How the device is divided; null while it is empty and may become whatever is needed.</summary>
    public GpuMode? Mode { get; init; }

    /// <summary>The mode that an operator or its worker's settings chose; null: whichever is needed (<c>auto</c>).</summary>
    public GpuMode? ModeSetting { get; init; }

    /// <summary>Modes that it may be in, the preferred ones first.</summary>
    public IReadOnlyList<GpuMode> AllowedModes { get; init => field = value ?? []; } = [];

    /// <summary>Units of the memory line on which its slices have places; null where they have none.</summary>
    public int? Line { get; init; }

    /// <summary>Units of that line that no slice has, also none that the caller may not see; ascending.</summary>
    public IReadOnlyList<int> LineFree { get; init => field = value ?? []; } = [];

    /// <summary>Its slices that are owned.</summary>
    public IReadOnlyList<SliceStatus> Slices { get; init => field = value ?? []; } = [];

    /// <summary>What it could be cut into beside its slices; only where one GPU is asked for, null elsewhere.</summary>
    public IReadOnlyList<ProfileStatus>? Profiles { get; init; }
}

/// <summary>A profile of a GPU, and how much room there is for it now.</summary>
public sealed record ProfileStatus
{
    /// <summary>As requests name it.</summary>
    public required string Name { get; init; }

    /// <summary>The mode that the GPU is or would be in.</summary>
    public required GpuMode Mode { get; init; }

    /// <summary>Memory in bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Compute units of its own; 0: all, in turns.</summary>
    public int ComputeUnits { get; init; }

    /// <summary>Length on the memory line; null where it has no place there.</summary>
    public int? Size { get; init; }

    /// <summary>Where on the memory line it could begin now.</summary>
    public IReadOnlyList<int> Starts { get; init => field = value ?? []; } = [];

    /// <summary>How many more of it fit now.</summary>
    public int Fits { get; init; }
}

/// <summary>Body of <c>PUT /v1/hosts/{host}/gpus/{index}/mode</c>.</summary>
public sealed record GpuModeSetting
{
    /// <summary>What lets the scheduler choose whichever mode is needed.</summary>
    public const string Auto = "auto";

    /// <summary>The name of a mode, or <see cref="Auto"/>.</summary>
    public string? Mode { get; init; }
}

/// <summary>The part of one GPU that one session owns.</summary>
public sealed record SliceStatus
{
    /// <summary><c>HOST/INDEX/sN</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The host's name.</summary>
    public required string Host { get; init; }

    /// <summary><c>HOST/INDEX</c>.</summary>
    public required string Gpu { get; init; }

    /// <summary>How the GPU is divided because of it.</summary>
    public GpuMode? Mode { get; init; }

    /// <summary>Name of its profile; null for the whole device, a virtual function and a plain fraction.</summary>
    public string? Profile { get; init; }

    /// <summary>Where it begins on the memory line; null if it has no place there.</summary>
    public int? Start { get; init; }

    /// <summary>Its length on the memory line; null if it has no place there.</summary>
    public int? Size { get; init; }

    /// <summary>Its own compute units; 0: all, in turns or alone.</summary>
    public int ComputeUnits { get; init; }

    /// <summary>Of a fraction: its part of what nobody has reserved.</summary>
    public ShareLevel? Shares { get; init; }

    /// <summary>Of a fraction: the most compute that it gets although nobody else wants it, in percent.</summary>
    public int? LimitPercent { get; init; }

    /// <summary>Memory in bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Share of the GPU's compute that is reserved for it; 0 for profiles and virtual functions.</summary>
    public double ComputePercent { get; init; }

    /// <summary>The session that owns it: <c>TENANT/JOBID</c>.</summary>
    public required string Session { get; init; }

    /// <summary>Epoch of the ownership.</summary>
    public long Epoch { get; init; }

    /// <summary>When it was reserved.</summary>
    public DateTimeOffset Since { get; init; }
}

/// <summary>Answer of <c>GET /v1/hosts</c>.</summary>
public sealed record HostList
{
    /// <summary>The hosts by name.</summary>
    public IReadOnlyList<HostStatus> Hosts { get; init => field = value ?? []; } = [];
}

/// <summary>Answer of <c>GET /v1/gpus</c>.</summary>
public sealed record GpuList
{
    /// <summary>The GPUs by id.</summary>
    public IReadOnlyList<GpuStatus> Gpus { get; init => field = value ?? []; } = [];
}

/// <summary>Answer of <c>GET /v1/slices</c>.</summary>
public sealed record SliceList
{
    /// <summary>The slices by id.</summary>
    public IReadOnlyList<SliceStatus> Slices { get; init => field = value ?? []; } = [];
}
