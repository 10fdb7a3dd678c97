namespace GpuActors.Shared.Api;

/// <summary>What a slice has used since its session began there; sums only grow.</summary>
public sealed record SliceUsageStatus
{
    /// <summary>The slice: <c>HOST/INDEX/sN</c>.</summary>
    public required string Slice { get; init; }

    /// <summary>The session that owns it: <c>TENANT/JOBID</c>.</summary>
    public required string Session { get; init; }

    /// <summary>Whose session it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>Epoch of the ownership: with another one all sums begin anew.</summary>
    public long Epoch { get; init; }

    /// <summary>When its worker's report came, by the clock of the scheduler node that keeps it.</summary>
    public DateTimeOffset ReportedAt { get; init; }

    /// <summary>Time in which kernels of it ran.</summary>
    public double BusySeconds { get; init; }

    /// <summary>Time in which it had kernels to run and none ran.</summary>
    public double QueuedSeconds { get; init; }

    /// <summary>The part of <see cref="QueuedSeconds"/> in which it waited for its turn.</summary>
    public double ThrottledSeconds { get; init; }

    /// <summary>Kernels that have ended.</summary>
    public long Kernels { get; init; }

    /// <summary>Bytes moved to the device.</summary>
    public long BytesIn { get; init; }

    /// <summary>Bytes moved from the device.</summary>
    public long BytesOut { get; init; }

    /// <summary>Memory that it has allocated.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>The most that it had at one time.</summary>
    public long MemoryPeakBytes { get; init; }

    /// <summary>What the program of an interactive session has done over the network; null for a job.</summary>
    public NetworkUsageStatus? Network { get; init; }
}

/// <summary>Why a program is slow from afar: how often, and for what, it waited.</summary>
public sealed record NetworkUsageStatus
{
    /// <summary>How often the program has waited for an answer.</summary>
    public long RoundTrips { get; init; }

    /// <summary>Time in which it waited.</summary>
    public double WaitedSeconds { get; init; }

    /// <summary>The part of <see cref="WaitedSeconds"/> that the device's side took for the answers.</summary>
    public double DeviceSeconds { get; init; }

    /// <summary>The rest of <see cref="WaitedSeconds"/>: the way there and back.</summary>
    public double NetworkSeconds => WaitedSeconds - DeviceSeconds;

    /// <summary>Bytes received from the program.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Bytes sent to it.</summary>
    public long BytesSent { get; init; }
}

/// <summary>Answer of <c>GET /v1/usage</c>.</summary>
public sealed record SliceUsageList
{
    /// <summary>The slices on which sessions run, by id; one whose worker hasn't reported lately is left out.</summary>
    public IReadOnlyList<SliceUsageStatus> Slices { get; init => field = value ?? []; } = [];
}
