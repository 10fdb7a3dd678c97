namespace GpuActors.Shared.Messages;

/// <summary>What one slice has used since its session began; sums only grow.</summary>
/// <param name="Slice">The slice's name, <c>HOST/INDEX/sN</c>.</param>
/// <param name="Session">The session's id, <c>TENANT/JOBID</c>.</param>
/// <param name="Tenant">Whose session it is.</param>
/// <param name="Epoch">The attempt's epoch.</param>
/// <param name="Busy">Time in which kernels of it ran.</param>
/// <param name="Queued">Time in which it had kernels to run and none ran, whatever the reason.</param>
/// <param name="Throttled">The part of <paramref name="Queued"/> in which it waited for its turn.</param>
/// <param name="Kernels">Kernels that have ended.</param>
/// <param name="BytesIn">Bytes moved to the device.</param>
/// <param name="BytesOut">Bytes moved from the device.</param>
/// <param name="MemoryBytes">Memory that it has allocated now.</param>
/// <param name="MemoryPeakBytes">The most that it had at one time.</param>
public sealed record SliceUsage(
    string Slice,
    string Session,
    string Tenant,
    long Epoch,
    TimeSpan Busy,
    TimeSpan Queued,
    TimeSpan Throttled,
    long Kernels,
    long BytesIn,
    long BytesOut,
    long MemoryBytes,
    long MemoryPeakBytes);

/// <summary>Worker to scheduler, about once a second while sessions run: what its slices use. May be lost.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Incarnation">The worker process.</param>
/// <param name="Slices">One for each session that runs there now.</param>
public sealed record ReportUsage(string Host, Guid Incarnation, SliceUsage[] Slices) : IHostMessage;
