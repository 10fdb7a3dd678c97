using Microsoft.Extensions.Logging;

namespace GpuActors.Actors;

/// <summary>Logging from within an actor.</summary>
public static class ContextLogging
{
    /// <summary>The log of the actor's type.</summary>
    public static ILogger GetLogger(this IActorContext context) =>
        context.System.GetLogger(context.Props.ActorType.FullName ?? context.Props.ActorType.Name);
}
