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
    long MemoryPeakBytes)
{
    /// <summary>What a program elsewhere has done over the network; null: the session is a job's.</summary>
    public StreamUsage? Streams { get; init; }
}

/// <summary>How the streams of an interactive session were used; sums only grow.</summary>
/// <param name="Waits">How often the program has waited for an answer: round trips.</param>
/// <param name="Waited">Time in which it waited.</param>
/// <param name="Answering">The part of it in which the executor had to do what was asked; the rest is the network's.</param>
/// <param name="BytesReceived">Bytes received from the program, with all that is around its data.</param>
/// <param name="BytesSent">Bytes sent to it.</param>
public sealed record StreamUsage(
    long Waits, TimeSpan Waited, TimeSpan Answering, long BytesReceived, long BytesSent)
{
    /// <summary>Both together.</summary>
    public StreamUsage Add(StreamUsage other) => new(
        Waits + other.Waits, Waited + other.Waited, Answering + other.Answering, BytesReceived + other.BytesReceived,
        BytesSent + other.BytesSent);
}

/// <summary>Worker to scheduler, about once a second while sessions run: what its slices use. May be lost.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Incarnation">The worker process.</param>
/// <param name="Slices">One for each session that runs there now.</param>
public sealed record ReportUsage(string Host, Guid Incarnation, SliceUsage[] Slices) : IHostMessage;
