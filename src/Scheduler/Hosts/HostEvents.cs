using System.Text.Json.Serialization;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Hosts;

/// <summary>A worker process took the host's name.</summary>
/// <param name="HostId">The worker's data folder.</param>
/// <param name="Incarnation">The process.</param>
/// <param name="Version">Of the worker.</param>
/// <param name="Address">Where it is.</param>
/// <param name="Gpus">Its devices.</param>
/// <param name="At">When.</param>
/// <param name="Machine">What the host has beside GPUs; null: not known.</param>
/// <param name="Cell">
/// The cell that gives out its slices for as long as this lease holds; null, and not written: the pool's cell 0.
/// </param>
public sealed record HostRegistered(
    Guid HostId,
    Guid Incarnation,
    string Version,
    string Address,
    GpuInventory[] Gpus,
    DateTimeOffset At,
    HostInventory? Machine = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Cell = null);

/// <summary>The host's lease ran out, or its worker left.</summary>
public sealed record HostLeaseEnded(Guid Incarnation, string Reason, DateTimeOffset At);

/// <summary>Answered by the host's status or <see cref="NoSuchHost"/>.</summary>
public sealed record GetHost(string Host) : IHostMessage;

/// <summary>Asks what the host's slices use; answered by <see cref="HostUsage"/>.</summary>
public sealed record GetHostUsage(string Host) : IHostMessage;

/// <summary>What the slices of a host use, as its worker reported it last.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="ReportedAt">When the report came, by the clock of the twin's node.</param>
/// <param name="Slices">One for each session that ran there; none if there is no report, or only an old one.</param>
public sealed record HostUsage(string Host, DateTimeOffset ReportedAt, SliceUsage[] Slices);

/// <summary>No host of that name was ever seen.</summary>
public sealed record NoSuchHost(string Host);
