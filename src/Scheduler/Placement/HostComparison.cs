namespace GpuActors.Scheduler.Placement;

/// <summary>How the host of a decision compares with others.</summary>
/// <param name="Score">Its score.</param>
/// <param name="Next">The best of the others that can take the request; -1 if there is none.</param>
/// <param name="NextScore">Its score.</param>
/// <param name="HostsWithRoom">How many hosts can take the request.</param>
public readonly record struct HostComparison(int Score, int Next, int NextScore, int HostsWithRoom);
