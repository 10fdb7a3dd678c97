using GpuActors.Actors.Runtime;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors;

/// <summary>What an actor system is made of.</summary>
public sealed record ActorSystemSetup
{
    /// <summary>Time, threads, randomness and network; null takes a <see cref="ProductionRuntime"/> without network.</summary>
    public IActorRuntime? Runtime { get; init; }

    /// <summary>Where logs go; null drops them.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    public ActorSystemSettings Settings { get; init; } = new();
}
