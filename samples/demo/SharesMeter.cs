using GpuActors.Client;
using GpuActors.Shared.Api;

namespace GpuActors.Samples.Demo;

/// <summary>Reads how a GPU's busy time is shared, from the figures that its worker reports once a second.</summary>
internal sealed class SharesMeter(GpuActorsClient operations)
{
    private const double WholePercent = 100;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>The figures of all of these tenants once they are newer than <paramref name="before"/>.</summary>
    public async Task<IReadOnlyList<SliceUsageStatus>> NextAsync(
        IReadOnlyList<SharingTenant> tenants, IReadOnlyList<SliceUsageStatus> before)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            var usage = await operations.Cluster.ListUsageAsync(cancellationToken: deadline.Token);
            if (tenants.All(tenant => usage.Any(now => now.Tenant == tenant.Name && IsNewer(now, before))))
            {
                return usage;
            }

            await Task.Delay(PollInterval, deadline.Token);
        }
    }

    /// <summary>What each got between two readings.</summary>
    public static IReadOnlyList<TenantShare> Between(
        IReadOnlyList<SharingTenant> tenants, IReadOnlyList<SliceUsageStatus> before, IReadOnlyList<SliceUsageStatus> after)
    {
        var busy = tenants.ToDictionary(tenant => tenant, tenant => BusyOf(tenant, after) - BusyOf(tenant, before));
        var (all, shares) = (busy.Values.Sum(), tenants.Sum(tenant => (int)tenant.Level));
        var rest = WholePercent - (tenants.Count * SharingTenant.ReservedPercent);
        return
        [
            .. tenants.Select(tenant => new TenantShare(
                tenant.Name,
                tenant.Level,
                all > 0 ? WholePercent * busy[tenant] / all : 0,
                SharingTenant.ReservedPercent + (rest * (int)tenant.Level / shares))),
        ];
    }

    private static bool IsNewer(SliceUsageStatus now, IReadOnlyList<SliceUsageStatus> before) =>
        !before.Any(old => old.Session == now.Session && old.ReportedAt >= now.ReportedAt);

    private static double BusyOf(SharingTenant tenant, IReadOnlyList<SliceUsageStatus> usage) =>
        usage.Where(slice => slice.Tenant == tenant.Name).Sum(slice => slice.BusySeconds);
}
