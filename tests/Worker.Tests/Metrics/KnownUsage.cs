using GpuActors.Shared.Messages;
using GpuActors.Worker.Sharing;

namespace GpuActors.Worker.Tests.Metrics;

/// <summary>Use of slices as the test says.</summary>
internal sealed class KnownUsage : ISliceUsageSource
{
    public SliceUsage[] Slices { get; set; } = [];

    public IReadOnlyList<SliceUsage> ReadAll() => Slices;

    public static SliceUsage Of(string slice, string session, long kernels = 1) => new(
        slice, session, session.Split('/')[0], 3, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(0.5),
        kernels, 10, 20, 30, 40);
}
