namespace GpuActors.Scheduler.Queueing;

/// <summary>What the queues of this node heard from their cells since it started. Any thread may use it.</summary>
public sealed class PlacementCounts
{
    private long _placed;
    private long _refused;

    /// <summary>Sessions that got slices.</summary>
    public long PlacedCount => Interlocked.Read(ref _placed);

    /// <summary>Times that a session found no room.</summary>
    public long RefusedCount => Interlocked.Read(ref _refused);

    /// <summary>A session got slices.</summary>
    public void Placed() => Interlocked.Increment(ref _placed);

    /// <summary>A session found no room.</summary>
    public void Refused() => Interlocked.Increment(ref _refused);
}
