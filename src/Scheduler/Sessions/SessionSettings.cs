namespace GpuActors.Scheduler.Sessions;

/// <summary>Times and bounds of sessions; <c>gpuactors.scheduler.session</c>.</summary>
public sealed record SessionSettings
{
    /// <summary>How often an unanswered message to a worker is sent again.</summary>
    public TimeSpan ResendInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a waiting session announces itself to its queue again.</summary>
    public TimeSpan AnnounceInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an ended session stays in memory after it was last asked.</summary>
    public TimeSpan KeepEnded { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many events of a session are kept for those who subscribe late.</summary>
    public int EventBuffer { get; init; } = 512;

    /// <summary>How many may wait for, or watch, one session at a time.</summary>
    public int MaxWatchers { get; init; } = 100;
}
