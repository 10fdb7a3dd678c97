namespace GpuActors.Actors;

/// <summary>Handled by the runtime before the actor sees it.</summary>
public interface IAutoReceivedMessage;

/// <summary>Isn't published as a dead letter when nobody is there to receive it.</summary>
public interface IDeadLetterSuppression;


/// <summary>Stops the actor after the messages before it.</summary>
public sealed class PoisonPill : IAutoReceivedMessage, IDeadLetterSuppression
{
    private PoisonPill()
    {
    }

    public static PoisonPill Instance { get; } = new();

    public override string ToString() => "<PoisonPill>";
}

/// <summary>Makes the actor fail with <see cref="ActorKilledException"/>; its supervisor decides.</summary>
public sealed class Kill : IAutoReceivedMessage, IDeadLetterSuppression
{
    private Kill()
    {
    }

    public static Kill Instance { get; } = new();

    public override string ToString() => "<Kill>";
}

/// <summary>No message came for the time set by <c>SetReceiveTimeout</c>.</summary>
public sealed class ReceiveTimeout : IDeadLetterSuppression
{
    private ReceiveTimeout()
    {
    }

    public static ReceiveTimeout Instance { get; } = new();

    public override string ToString() => "<ReceiveTimeout>";
}

/// <summary>A message with this mark does not restart the receive timeout.</summary>
public interface INotInfluenceReceiveTimeout;

/// <summary>Answered by every actor with <see cref="ActorIdentity"/>.</summary>
public sealed record Identify(string MessageId) : IAutoReceivedMessage, INotInfluenceReceiveTimeout;

/// <summary>The answer to <see cref="Identify"/>; <paramref name="Subject"/> is null when no actor is there.</summary>
public sealed record ActorIdentity(string MessageId, IActorRef? Subject);

/// <summary>Generic answers.</summary>
public abstract record Status
{
    private Status()
    {
    }

    /// <summary>It worked.</summary>
    public sealed record Success(object? Value) : Status;

    /// <summary>It failed. Over the wire the exception becomes a <see cref="RemoteFailureException"/>.</summary>
    public sealed record Failure(Exception Cause) : Status;
}
