using GpuActors.Shared.Messages;

namespace GpuActors.Worker.Actors;

/// <summary>Who a worker is.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="HostId">The data folder's id, which outlives processes.</param>
/// <param name="Incarnation">This process.</param>
/// <param name="Version">The worker's version.</param>
/// <param name="Machine">What the host has beside GPUs; null: not known.</param>
public sealed record WorkerIdentity(
    string Host, Guid HostId, Guid Incarnation, string Version, HostInventory? Machine = null);

/// <summary>How a worker talks to schedulers.</summary>
/// <param name="Schedulers">Addresses of scheduler nodes, tried in turn.</param>
/// <param name="HeartbeatInterval">How often the lease is renewed.</param>
/// <param name="LeaseMargin">How much earlier than its lease the worker ends its attempts.</param>
/// <param name="ResendInterval">How often an unacknowledged end is sent again.</param>
/// <param name="LeaveTimeout">How long a stopping worker waits for its ends to be acknowledged.</param>
/// <param name="Slots">How many sessions the host runs at once.</param>
/// <param name="MaxSlicesReported">Slices that one report of their use tells of: it has to fit a frame.</param>
public sealed record WorkerActorSettings(
    IReadOnlyList<string> Schedulers,
    TimeSpan HeartbeatInterval,
    TimeSpan LeaseMargin,
    TimeSpan ResendInterval,
    TimeSpan LeaveTimeout,
    int Slots,
    int MaxSlicesReported = 1_000);
