namespace GpuActors.Shared.Jobs;

/// <summary>When a job must have begun, or be over.</summary>
public sealed record JobDeadline
{
    /// <summary>It must have begun by then; null: whenever.</summary>
    public JobMoment? StartBy { get; init; }

    /// <summary>It must be over by then; null: whenever.</summary>
    public JobMoment? EndBy { get; init; }
}

/// <summary>A time on the clock, or so long after the job was accepted.</summary>
/// <param name="At">The time on the clock; null if it is counted from the acceptance.</param>
/// <param name="After">How long after the acceptance; null if it is on the clock.</param>
public readonly record struct JobMoment(DateTimeOffset? At, TimeSpan? After)
{
    /// <summary>The time on the clock for a job that was accepted then.</summary>
    public DateTimeOffset For(DateTimeOffset acceptedAt) => At ?? acceptedAt + (After ?? TimeSpan.Zero);
}
