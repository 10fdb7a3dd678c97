using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Queueing.Pool;

/// <summary>A session that holds slices.</summary>
/// <param name="Session">Its id.</param>
/// <param name="Epoch">Of its reservation.</param>
/// <param name="Terms">What the queue knows of it.</param>
/// <param name="Slices">What it holds.</param>
/// <param name="Since">When it got them.</param>
public sealed record RunningSession(
    string Session, long Epoch, QueueTerms Terms, SliceGrant[] Slices, DateTimeOffset Since)
{
    /// <summary>CPU and memory that it takes of its host.</summary>
    public ResourceVector HostTaken { get; init; }

    /// <summary>The number of the cell that gave them.</summary>
    public int Cell { get; init; }

    /// <summary>When its work was last saved; null: never.</summary>
    public DateTimeOffset? CheckpointedAt { get; init; }

    /// <summary>When it is over by its time limit at the latest; null: not known.</summary>
    public DateTimeOffset? EndsBy => Terms.TimeLimit is { } limit ? Since + limit : null;

    /// <summary>What would have to be done again if it had to stop now.</summary>
    public TimeSpan WorkLostAt(DateTimeOffset now) =>
        now > (CheckpointedAt ?? Since) ? now - (CheckpointedAt ?? Since) : TimeSpan.Zero;
}
