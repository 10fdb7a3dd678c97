using GpuActors.Interception.Handles;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>The range of a launch, checked as the standard wants it.</summary>
internal readonly record struct LaunchRange(byte Dimensions, WorkSize Offset, WorkSize Global, WorkSize Local)
{
    private const uint DeviceNonUniformWorkGroupSupport = 0x1065;

    /// <summary>No work item at all: the launch is a marker.</summary>
    public bool IsEmpty => Global.X == 0 || Global.Y == 0 || Global.Z == 0;

    /// <summary>Reads what a launch was given.</summary>
    /// <exception cref="ClFailure">The kernel or the device cannot be launched so.</exception>
    public static unsafe LaunchRange Of(
        ClKernel kernel, ClDevice device, uint dimensions, nuint* offset, nuint* global, nuint* local)
    {
        ClFailure.Unless(dimensions is >= 1 and <= 3, ClCodes.InvalidWorkDimension);
        var range = new LaunchRange(
            (byte)dimensions, Read(dimensions, offset, 0), global is null ? WorkSize.Zero : Read(dimensions, global, 1),
            local is null ? WorkSize.Zero : Read(dimensions, local, 1));
        ClFailure.Unless(
            EndsWithin(range.Offset.X, range.Global.X) && EndsWithin(range.Offset.Y, range.Global.Y)
            && EndsWithin(range.Offset.Z, range.Global.Z),
            ClCodes.InvalidGlobalOffset);
        KernelDescription description = kernel.DescriptionFor(device);
        WorkSize required = description.RequiredWorkGroup;
        if (local is null)
        {
            ClFailure.Unless(required.X == 0 || range.IsDividedBy(required), ClCodes.InvalidWorkGroupSize);
            return range;
        }
        range.CheckLocal(description, device, required);
        return range;
    }

    private void CheckLocal(in KernelDescription kernel, ClDevice device, WorkSize required)
    {
        ClFailure.Unless(Local.X > 0 && Local.Y > 0 && Local.Z > 0, ClCodes.InvalidWorkGroupSize);
        ClFailure.Unless(required.X == 0 || required == Local, ClCodes.InvalidWorkGroupSize);
        ReadOnlySpan<byte> most = device.Find(ClNames.DeviceMaxWorkItemSizes);
        if (most.Length >= 3 * sizeof(ulong))
        {
            ClFailure.Unless(
                Local.X <= BitConverter.ToUInt64(most) && Local.Y <= BitConverter.ToUInt64(most[8..])
                && Local.Z <= BitConverter.ToUInt64(most[16..]),
                ClCodes.InvalidWorkItemSize);
        }
        ClFailure.Unless(
            Local.Product is { } items && items <= kernel.MaxWorkGroupSize, ClCodes.InvalidWorkGroupSize);
        ClFailure.Unless(
            IsDividedBy(Local) || device.Number<uint>(DeviceNonUniformWorkGroupSupport) != 0,
            ClCodes.InvalidWorkGroupSize);
    }

    /// <summary>Whether the ids of the work items are numbers that <c>size_t</c> has.</summary>
    private static bool EndsWithin(ulong offset, ulong count) => offset <= ulong.MaxValue - count;

    private bool IsDividedBy(WorkSize local) =>
        Global.X % local.X == 0 && Global.Y % local.Y == 0 && Global.Z % local.Z == 0;

    private static unsafe WorkSize Read(uint dimensions, nuint* sizes, ulong unused)
    {
        if (sizes is null)
            return new WorkSize(unused, unused, unused);
        return new WorkSize(
            sizes[0], dimensions > 1 ? sizes[1] : unused, dimensions > 2 ? sizes[2] : unused);
    }
}
