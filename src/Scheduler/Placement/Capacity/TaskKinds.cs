using System.Numerics;

namespace GpuActors.Scheduler.Placement.Capacity;

/// <summary>The kinds of GPU tasks that clustering tells apart.</summary>
[Flags]
public enum TaskKinds : byte
{
    /// <summary>No GPU.</summary>
    None = 0,

    /// <summary>A part of one GPU.</summary>
    Share = 1,

    /// <summary>One whole GPU.</summary>
    One = 2,

    /// <summary>Two GPUs.</summary>
    Two = 4,

    /// <summary>Three or four GPUs.</summary>
    Four = 8,

    /// <summary>Five to eight GPUs.</summary>
    Eight = 16,

    /// <summary>More than eight GPUs.</summary>
    More = 32,
}

/// <summary>Which kind a task is of.</summary>
public static class TaskKind
{
    internal const int Count = 6;

    /// <summary>The kind of a task with <paramref name="gpus"/> GPUs of <paramref name="milli"/> each.</summary>
    public static TaskKinds Of(int gpus, int milli) =>
        gpus == 0 ? TaskKinds.None
        : gpus == 1 && milli < ClusterState.WholeMilli ? TaskKinds.Share
        : gpus > 8 ? TaskKinds.More
        : (TaskKinds)(2 << BitOperations.Log2((uint)((2 * gpus) - 1)));

    internal static int IndexOf(TaskKinds kind) => BitOperations.TrailingZeroCount((int)kind);
}
