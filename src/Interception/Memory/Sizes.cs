using GpuActors.Interception.Handles;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Memory;

/// <summary>Origins and regions as calls give them: three <c>size_t</c>.</summary>
internal static unsafe class Sizes
{
    /// <summary>The three.</summary>
    /// <exception cref="ClFailure">There are none.</exception>
    public static WorkSize Read(nuint* sizes)
    {
        ClFailure.Unless(sizes is not null, OpenClErrors.InvalidValue);
        return new WorkSize(sizes[0], sizes[1], sizes[2]);
    }

    /// <summary>The sum of two.</summary>
    public static WorkSize Add(WorkSize origin, WorkSize offset) =>
        new(origin.X + offset.X, origin.Y + offset.Y, origin.Z + offset.Z);

    /// <summary>Whether two regions of the same size have a part in common.</summary>
    public static bool Overlap(WorkSize first, WorkSize second, WorkSize region)
    {
        static bool Meet(ulong first, ulong second, ulong count) => first < second + count && second < first + count;
        return Meet(first.X, second.X, region.X) && Meet(first.Y, second.Y, region.Y) && Meet(first.Z, second.Z, region.Z);
    }
}
