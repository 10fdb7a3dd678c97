using GpuActors.Shared.Devices;

namespace GpuActors.Samples.Demo;

/// <summary>What a tenant got of a GPU's busy time.</summary>
/// <param name="Tenant">Who.</param>
/// <param name="Level">Its shares.</param>
/// <param name="Percent">What it got.</param>
/// <param name="DuePercent">What it is entitled to beside those who work at the moment.</param>
internal sealed record TenantShare(string Tenant, ShareLevel Level, double Percent, double DuePercent)
{
    /// <summary>How far off, as a part of what is due.</summary>
    public double Error => Math.Abs(Percent - DuePercent) / DuePercent;
}

/// <summary>One look at a GPU that several share.</summary>
/// <param name="At">When, from the beginning.</param>
/// <param name="Shares">Of all tenants that work.</param>
internal sealed record SharesLook(TimeSpan At, IReadOnlyList<TenantShare> Shares);
