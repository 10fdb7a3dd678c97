using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Api;

namespace GpuActors.Scheduler.Queueing;

/// <summary>What the API tells of queues.</summary>
internal static class QueueReport
{
    /// <summary>All queues, those above before those below, each with its tenants.</summary>
    public static IReadOnlyList<QueueStatus> Of(QuotaTree quotas)
    {
        var tenants = quotas.Tenants.ToLookup(leaf => leaf.Parent!);
        return [.. quotas.Queues.Select(queue => new QueueStatus
        {
            Name = queue.Name,
            Parent = queue.Parent?.Name,
            Quota = queue.Quota is { } quota ? Amount(quota) : null,
            Limit = queue.Ceiling == ResourceVector.Unlimited ? null : Amount(queue.Ceiling),
            Used = Amount(queue.Used),
            Borrowed = Amount(queue.Quota is null ? ResourceVector.Zero : queue.Borrowed),
            Scavenged = Amount(queue.Scavenged),
            Running = queue.Running,
            Waiting = queue.Waiting,
            Weight = queue.Weight,
            SharePercent = Percent(queue.Used.DominantShareOf(quotas.Capacity)),
            Tenants =
            [
                .. tenants[queue].Where(leaf => leaf.Running > 0 || leaf.Waiting > 0)
                    .OrderBy(leaf => leaf.Name, StringComparer.Ordinal).Select(leaf => new QueueTenantStatus
                    {
                        Tenant = leaf.Name,
                        Used = Amount(leaf.Used),
                        Scavenged = Amount(leaf.Scavenged),
                        Running = leaf.Running,
                        Waiting = leaf.Waiting,
                        SharePercent = Percent(leaf.Used.DominantShareOf(quotas.Capacity)),
                    }),
            ],
        })];
    }

    private static double Percent(double share) => Math.Round(share * 100, 2);

    private static QueueAmountStatus Amount(in ResourceVector amount) => new()
    {
        Gpus = amount.GpuMilli == long.MaxValue ? null : amount.GpuMilli / 1000.0,
        GpuMemoryBytes = amount.GpuMemoryBytes == long.MaxValue ? null : amount.GpuMemoryBytes,
        Cpus = amount.CpuMilli is long.MaxValue or 0 ? null : amount.CpuMilli / 1000.0,
        HostMemoryBytes = amount.HostMemoryBytes is long.MaxValue or 0 ? null : amount.HostMemoryBytes,
    };
}
