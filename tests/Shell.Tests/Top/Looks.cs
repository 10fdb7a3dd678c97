using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;

namespace GpuActors.Shell.Tests.Top;

/// <summary>What a scheduler answers to one look.</summary>
internal static class Looks
{
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static GpuStatus Gpu(string id, params SliceStatus[] slices) => new()
    {
        Id = id, Host = id[..id.LastIndexOf('/')], Name = "A100", Model = "A100-SXM4-40GB", Mode = GpuMode.Mig,
        MemoryTotalBytes = 40L << 30, MemoryFreeBytes = 35L << 30, Slices = slices,
    };

    public static SliceStatus Slice(string id, string session, long epoch = 1, string? profile = null) => new()
    {
        Id = id, Host = id.Split('/')[0], Gpu = id[..id.LastIndexOf('/')], MemoryBytes = 5L << 30, ComputePercent = 25,
        Profile = profile, Session = session, Epoch = epoch,
    };

    /// <summary>A report after so many seconds.</summary>
    public static SliceUsageStatus Usage(
        SliceStatus slice, double at, double busy, double throttled = 0, long kernels = 0, long bytesIn = 0) => new()
        {
            Slice = slice.Id, Session = slice.Session, Tenant = slice.Session.Split('/')[0], Epoch = slice.Epoch,
            ReportedAt = Start.AddSeconds(at), BusySeconds = busy, QueuedSeconds = 2 * throttled, ThrottledSeconds = throttled,
            Kernels = kernels, BytesIn = bytesIn, BytesOut = 2 * bytesIn, MemoryBytes = 1L << 30, MemoryPeakBytes = 2L << 30,
        };
}
