using GpuActors.Shared.Api;

namespace GpuActors.Shell.Top;

/// <summary>What a slice did between two reports of its worker.</summary>
/// <param name="Busy">Share of the time in which its kernels ran, 0 to 1.</param>
/// <param name="Queued">Share in which it had kernels to run and none ran, 0 to 1.</param>
/// <param name="Throttled">The part of <paramref name="Queued"/> in which it waited for its turn, 0 to 1.</param>
/// <param name="KernelsPerSecond">Kernels that ended.</param>
/// <param name="BytesInPerSecond">Bytes to the device.</param>
/// <param name="BytesOutPerSecond">Bytes from the device.</param>
internal sealed record SliceRates(
    double Busy,
    double Queued,
    double Throttled,
    double KernelsPerSecond,
    double BytesInPerSecond,
    double BytesOutPerSecond)
{
    /// <summary>
    /// The rates between two reports about the same session on the same slice; null if the later one is not later. A
    /// sum that has become smaller began anew meanwhile: what it has reached since then is the least that was added.
    /// </summary>
    public static SliceRates? Between(SliceUsageStatus earlier, SliceUsageStatus later)
    {
        var seconds = (later.ReportedAt - earlier.ReportedAt).TotalSeconds;
        if (seconds <= 0)
        {
            return null;
        }

        double PerSecond(double before, double now) => (now >= before ? now - before : Math.Max(0, now)) / seconds;
        double Share(double before, double now) => Math.Min(1, PerSecond(before, now));
        return new SliceRates(
            Share(earlier.BusySeconds, later.BusySeconds),
            Share(earlier.QueuedSeconds, later.QueuedSeconds),
            Share(earlier.ThrottledSeconds, later.ThrottledSeconds),
            PerSecond(earlier.Kernels, later.Kernels),
            PerSecond(earlier.BytesIn, later.BytesIn),
            PerSecond(earlier.BytesOut, later.BytesOut));
    }
}
