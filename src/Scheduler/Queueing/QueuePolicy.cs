namespace GpuActors.Scheduler.Queueing;

/// <summary>How a queue weighs order against use.</summary>
public sealed record QueuePolicy
{
    /// <summary>
    /// How often the first, when there is no room for it and nobody can say when there will be, is passed by others that
    /// find some.
    /// </summary>
    public int PassLimit { get; init; } = 100;

    /// <summary>
    /// A unit is due, and goes before all who came later, once so many others were served since it came, and
    /// <see cref="Patience"/> times as many as waited then.
    /// </summary>
    public int DueAfter { get; init; } = 1000;

    /// <inheritdoc cref="DueAfter"/>
    public int Patience { get; init; } = 4;
}
