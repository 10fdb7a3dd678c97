using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Hosts;

/// <summary>A worker process took the host's name.</summary>
public sealed record HostRegistered(
    Guid HostId, Guid Incarnation, string Version, string Address, GpuInventory[] Gpus, DateTimeOffset At);

/// <summary>The host's lease ran out, or its worker left.</summary>
public sealed record HostLeaseEnded(Guid Incarnation, string Reason, DateTimeOffset At);

/// <summary>Answered by the host's status or <see cref="NoSuchHost"/>.</summary>
public sealed record GetHost(string Host) : IHostMessage;

/// <summary>No host of that name was ever seen.</summary>
public sealed record NoSuchHost(string Host);
