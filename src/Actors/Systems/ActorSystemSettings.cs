using System.Collections.ObjectModel;

namespace GpuActors.Actors;

/// <summary>Numbers that an actor system runs by.</summary>
public sealed record ActorSystemSettings
{
    /// <summary>Messages that an actor processes in one turn before others get theirs.</summary>
    public int Throughput { get; init; } = 200;

    /// <summary>How long an Ask waits when it is given no timeout.</summary>
    public TimeSpan AskTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most messages in a stash.</summary>
    public int StashCapacity { get; init; } = 10_000;

    /// <summary>How many dead letters are logged; later ones are only counted and published.</summary>
    public int LogDeadLetters { get; init; } = 10;

    /// <summary>Whether <see cref="ActorSystem.Terminate"/> runs all phases of <see cref="CoordinatedShutdown"/>.</summary>
    public bool RunCoordinatedShutdownOnTerminate { get; init; } = true;

    /// <summary>Times of phases of <see cref="CoordinatedShutdown"/> that differ from the defaults.</summary>
    public IReadOnlyDictionary<string, TimeSpan> ShutdownPhaseTimeouts { get; init; } =
        ReadOnlyDictionary<string, TimeSpan>.Empty;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Throughput, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(StashCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(LogDeadLetters);
        if (AskTimeout != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AskTimeout, TimeSpan.Zero);
        }
    }
}
