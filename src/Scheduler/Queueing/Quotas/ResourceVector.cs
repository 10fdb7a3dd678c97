using System.Globalization;

namespace GpuActors.Scheduler.Queueing.Quotas;

/// <summary>
/// An amount of every resource that is shared out. Sums saturate, so that <see cref="Unlimited"/> stays what it is.
/// </summary>
/// <param name="GpuMilli">Compute of GPUs in thousandths of a device.</param>
/// <param name="GpuMemoryBytes">Device memory.</param>
/// <param name="CpuMilli">Processors of hosts in thousandths of a core.</param>
/// <param name="HostMemoryBytes">Memory of hosts.</param>
public readonly record struct ResourceVector(
    long GpuMilli, long GpuMemoryBytes, long CpuMilli = 0, long HostMemoryBytes = 0)
{
    private const double Gibibyte = 1L << 30;

    /// <summary>Nothing.</summary>
    public static ResourceVector Zero => default;

    /// <summary>As much as there is.</summary>
    public static ResourceVector Unlimited { get; } = new(long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue);

    /// <summary>Nothing of anything.</summary>
    public bool IsZero => this == Zero;

    /// <summary>It is more than GPUs: some CPU or memory of hosts.</summary>
    public bool TakesOfHost => CpuMilli > 0 || HostMemoryBytes > 0;

    /// <summary>The sum.</summary>
    public static ResourceVector operator +(in ResourceVector a, in ResourceVector b) => new(
        Sum(a.GpuMilli, b.GpuMilli),
        Sum(a.GpuMemoryBytes, b.GpuMemoryBytes),
        Sum(a.CpuMilli, b.CpuMilli),
        Sum(a.HostMemoryBytes, b.HostMemoryBytes));

    /// <summary>The difference; what is unlimited stays so.</summary>
    public static ResourceVector operator -(in ResourceVector a, in ResourceVector b) => new(
        Difference(a.GpuMilli, b.GpuMilli),
        Difference(a.GpuMemoryBytes, b.GpuMemoryBytes),
        Difference(a.CpuMilli, b.CpuMilli),
        Difference(a.HostMemoryBytes, b.HostMemoryBytes));

    /// <summary>The larger of each.</summary>
    public static ResourceVector Max(in ResourceVector a, in ResourceVector b) => new(
        Math.Max(a.GpuMilli, b.GpuMilli),
        Math.Max(a.GpuMemoryBytes, b.GpuMemoryBytes),
        Math.Max(a.CpuMilli, b.CpuMilli),
        Math.Max(a.HostMemoryBytes, b.HostMemoryBytes));

    /// <summary>The smaller of each.</summary>
    public static ResourceVector Min(in ResourceVector a, in ResourceVector b) => new(
        Math.Min(a.GpuMilli, b.GpuMilli),
        Math.Min(a.GpuMemoryBytes, b.GpuMemoryBytes),
        Math.Min(a.CpuMilli, b.CpuMilli),
        Math.Min(a.HostMemoryBytes, b.HostMemoryBytes));

    /// <summary>How much of it <paramref name="quota"/> has not.</summary>
    public ResourceVector Beyond(in ResourceVector quota) => new(
        Excess(GpuMilli, quota.GpuMilli),
        Excess(GpuMemoryBytes, quota.GpuMemoryBytes),
        Excess(CpuMilli, quota.CpuMilli),
        Excess(HostMemoryBytes, quota.HostMemoryBytes));

    /// <summary>So many times this.</summary>
    public ResourceVector Times(int count) =>
        new(GpuMilli * count, GpuMemoryBytes * count, CpuMilli * count, HostMemoryBytes * count);

    /// <summary>None of it is more than <paramref name="limit"/> has.</summary>
    public bool Fits(in ResourceVector limit) =>
        GpuMilli <= limit.GpuMilli && GpuMemoryBytes <= limit.GpuMemoryBytes
        && CpuMilli <= limit.CpuMilli && HostMemoryBytes <= limit.HostMemoryBytes;

    /// <summary>
    /// The largest of the shares that this is of <paramref name="total"/> (Ghodsi et al., Dominant Resource Fairness,
    /// NSDI 2011). A resource whose total is not known counts for nothing; if none is, it is the number of GPUs.
    /// </summary>
    public double DominantShareOf(in ResourceVector total)
    {
        if (total.IsZero)
        {
            return GpuMilli / 1000.0;
        }

        var share = ShareOf(GpuMilli, total.GpuMilli);
        share = Math.Max(share, ShareOf(GpuMemoryBytes, total.GpuMemoryBytes));
        share = Math.Max(share, ShareOf(CpuMilli, total.CpuMilli));
        return Math.Max(share, ShareOf(HostMemoryBytes, total.HostMemoryBytes));
    }

    /// <summary>
    /// "7.5 of 8 GPUs", of the first resource of which <paramref name="wanted"/> is more than <paramref name="limit"/>
    /// has beside this; for people.
    /// </summary>
    public string Against(in ResourceVector limit, in ResourceVector wanted)
    {
        var sum = this + wanted;
        return sum.GpuMilli > limit.GpuMilli ? $"{Milli(GpuMilli)} of {Milli(limit.GpuMilli)} GPUs"
            : sum.GpuMemoryBytes > limit.GpuMemoryBytes
                ? $"{Size(GpuMemoryBytes)} of {Size(limit.GpuMemoryBytes)} GPU memory"
            : sum.CpuMilli > limit.CpuMilli ? $"{Milli(CpuMilli)} of {Milli(limit.CpuMilli)} CPUs"
            : $"{Size(HostMemoryBytes)} of {Size(limit.HostMemoryBytes)} host memory";
    }

    /// <summary>Thousandths as a plain number.</summary>
    public static string Milli(long milli) => (milli / 1000m).ToString("0.###", CultureInfo.InvariantCulture);

    private static string Size(long bytes) =>
        (bytes / Gibibyte).ToString("0.##", CultureInfo.InvariantCulture) + " GiB";

    private static double ShareOf(long part, long total) => total > 0 ? (double)part / total : 0;

    private static long Excess(long used, long quota) => used > quota ? used - quota : 0;

    private static long Sum(long a, long b) =>
        a == long.MaxValue || b == long.MaxValue || (b > 0 && a > long.MaxValue - b) ? long.MaxValue : a + b;

    private static long Difference(long a, long b) => a == long.MaxValue ? a : a - b;
}
