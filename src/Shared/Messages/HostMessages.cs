namespace GpuActors.Shared.Messages;

/// <summary>A message for the twin of one host, addressed by the host's name.</summary>
public interface IHostMessage
{
    /// <summary>The host's name.</summary>
    string Host { get; }
}

/// <summary>
/// A worker announces itself, its devices and what it still runs. Sent again until answered by
/// <see cref="WorkerRegistered"/> or <see cref="RegistrationRefused"/>.
/// </summary>
/// <param name="HostId">
/// Made once for the worker's data folder, which one process at a time can hold: a new incarnation with the same id
/// proves that the old process is gone; another id under the same name is another machine.
/// </param>
/// <param name="Incarnation">Random per worker process.</param>
/// <param name="Slots">How many sessions the host runs at once.</param>
/// <param name="SentAt">The worker's monotonic clock when it sent this, echoed in the answer: the lease counts from it.</param>
/// <param name="Challenge">What <see cref="UnknownWorker"/> asked to be repeated; 0 if it has not.</param>
/// <param name="Machine">What the host has beside GPUs; null: not known.</param>
public sealed record RegisterWorker(
    string Host,
    Guid HostId,
    Guid Incarnation,
    string Version,
    GpuInventory[] Gpus,
    int Slots,
    HeldAttempt[] Held,
    TimeSpan SentAt,
    long Challenge = 0,
    HostInventory? Machine = null) : IHostMessage;

/// <summary>The host is known and holds a lease from <paramref name="SentAt"/> for <paramref name="Lease"/>.</summary>
/// <param name="BlobAddress">Where the worker fetches inputs and puts large outputs: the scheduler's HTTP API.</param>
/// <param name="LeaseNumber">Number of the lease: starts that were granted under an older one are void.</param>
public sealed record WorkerRegistered(
    string Host, Guid Incarnation, TimeSpan SentAt, TimeSpan Lease, string BlobAddress, long LeaseNumber = 0);

/// <summary>The registration was refused; <paramref name="Reason"/> says what would be right.</summary>
public sealed record RegistrationRefused(string Host, Guid Incarnation, string Reason);

/// <summary>Asks for the lease to be renewed.</summary>
public sealed record RenewLease(string Host, Guid Incarnation, TimeSpan SentAt) : IHostMessage;

/// <summary>The lease now ends <paramref name="Lease"/> after <paramref name="SentAt"/> on the worker's clock.</summary>
public sealed record LeaseRenewed(Guid Incarnation, TimeSpan SentAt, TimeSpan Lease);

/// <summary>The scheduler does not know this incarnation (any more): the worker must register.</summary>
/// <param name="Incarnation">Which worker process.</param>
/// <param name="Challenge">
/// To be repeated by <see cref="RegisterWorker"/>. Another process holds the host's lease, so that one that was started
/// later takes its place; but messages are kept while a node has to be waited for, and an old one of a process that is
/// gone already must not take the host from its successor. Only a process that lives can repeat a number.
/// </param>
public sealed record UnknownWorker(Guid Incarnation, long Challenge = 0);

/// <summary>The worker is stopping: it has ended what it ran and takes nothing new.</summary>
public sealed record WorkerLeaving(string Host, Guid Incarnation) : IHostMessage;
