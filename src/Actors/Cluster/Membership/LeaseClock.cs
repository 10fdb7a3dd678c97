namespace GpuActors.Actors.Cluster;

/// <summary>
/// How long a node may act, by its own clock: until its lease's length after the moment at which it asked for it, less
/// a margin. The store counts from a later moment, so the node always stops first. Pure; times are timestamps of a
/// <see cref="TimeProvider"/>.
/// </summary>
/// <param name="ActingUntil">Until when the node may act.</param>
internal readonly record struct LeaseClock(long ActingUntil)
{
    /// <summary>The clock after a renewal that was asked for at <paramref name="sentAt"/> has succeeded. A late answer
    /// to an early question never shortens it.</summary>
    public LeaseClock Renewed(long sentAt, TimeSpan lease, TimeSpan margin, long timestampFrequency)
    {
        var until = sentAt + ToTimestamp(lease - margin, timestampFrequency);
        return until > ActingUntil ? new LeaseClock(until) : this;
    }

    /// <summary>Whether the node may act at this moment.</summary>
    public bool MayAct(long now) => now < ActingUntil;

    /// <summary>A length of time in units of a timestamp.</summary>
    public static long ToTimestamp(TimeSpan time, long timestampFrequency) =>
        (long)(time.TotalSeconds * timestampFrequency);
}
