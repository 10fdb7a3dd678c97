namespace GpuActors.Actors;

/// <summary>Refs that lead to no actor.</summary>
public static class ActorRefs
{
    /// <summary>For a message that nobody sent; a reply to it goes to dead letters.</summary>
    public static IActorRef? NoSender => null;

    /// <summary>Swallows every message.</summary>
    public static IActorRef Nobody { get; } = new NobodyRef();

    /// <summary>True for a null ref and for <see cref="Nobody"/>.</summary>
    public static bool IsNobody(this IActorRef? actorRef) => actorRef is null or NobodyRef;

    private sealed class NobodyRef : InternalActorRef
    {
        public override ActorPath Path { get; } = ActorPath.Root(new Address("all-systems")).Child("Nobody");

        public override bool IsTerminated => true;

        public override void Tell(object message, IActorRef? sender)
        {
            // Nobody hears.
        }

        public override void SendSystemMessage(SystemMessage message)
        {
            // Nobody hears.
        }
    }
}
