using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Configuration.Settings;

namespace GpuActors.Scheduler.Queueing;

/// <summary>Queues as the settings have them.</summary>
internal static class QueueSpecs
{
    public static QueueSpec Of(QueueNodeSettings settings) => new()
    {
        Name = settings.Name,
        Parent = settings.Parent,
        Quota = Of(settings.Quota),
        Limit = Of(settings.Limit),
        Borrow = settings.Borrow,
        Weight = settings.Weight,
        Tenants = new TenantLimits(settings.MaxRunning, settings.MaxWaiting, settings.MaxGpuMilli),
    };

    public static QueuePolicy PolicyOf(QueueTreeSettings settings) => new()
    {
        PassLimit = settings.PassLimit,
        DueAfter = settings.DueAfter,
        Patience = settings.Patience,
    };

    private static ResourceVector? Of(QueueAmount? amount) => amount is null ? null
        : new ResourceVector(amount.GpuMilli, amount.GpuMemoryBytes, amount.CpuMilli, amount.HostMemoryBytes);
}
