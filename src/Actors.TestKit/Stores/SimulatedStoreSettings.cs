namespace GpuActors.Actors.TestKit.Stores;

/// <summary>How a simulated store behaves when nothing is wrong.</summary>
public sealed record SimulatedStoreSettings
{
    /// <summary>The shortest time that a request needs one way.</summary>
    public TimeSpan LatencyMin { get; init; }

    /// <summary>The longest; each request's is drawn between the two.</summary>
    public TimeSpan LatencyMax { get; init; }

    /// <summary>Writes that one transaction holds at most.</summary>
    public int MaxBatchRequests { get; init; } = 4_096;

    /// <summary>Writes that may wait; more are refused.</summary>
    public int MaxQueuedRequests { get; init; } = 131_072;
}
