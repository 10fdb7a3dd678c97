using Microsoft.Extensions.Logging;

namespace GpuActors.Actors;

/// <summary>Logging for actors.</summary>
public static class LoggingExtensions
{
    /// <summary>A logger with the actor's class as its category.</summary>
    public static ILogger GetLogger(this IActorContext context) =>
        context.System.GetLogger(context.Props.ActorType.FullName!);
}
