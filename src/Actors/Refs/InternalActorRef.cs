namespace GpuActors.Actors;

/// <summary>
/// What every ref of this library is. Local actors, promises of an Ask and remote refs differ only in where the two
/// kinds of messages go: user messages through <see cref="Tell"/>, system messages (death watch, supervision) through
/// <see cref="SendSystemMessage"/>.
/// </summary>
internal abstract class InternalActorRef : IActorRef
{
    public abstract ActorPath Path { get; }

    /// <summary>True once the ref is known to lead nowhere any more.</summary>
    public virtual bool IsTerminated => false;

    public abstract void Tell(object message, IActorRef? sender);

    public abstract void SendSystemMessage(SystemMessage message);

    public virtual bool Equals(IActorRef? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Path.Uid == other.Path.Uid && Path.Equals(other.Path));

    public sealed override bool Equals(object? obj) => Equals(obj as IActorRef);

    public override int GetHashCode() => Path.Uid.GetHashCode();

    public int CompareTo(IActorRef? other)
    {
        if (other is null)
        {
            return 1;
        }

        var byPath = Path.CompareTo(other.Path);
        return byPath != 0 ? byPath : Path.Uid.CompareTo(other.Path.Uid);
    }

    public override string ToString() => $"[{Path.ToSerializationFormat()}]";

    /// <summary>The ref as one of this library's own.</summary>
    /// <exception cref="ArgumentException">It is a foreign implementation of <see cref="IActorRef"/>.</exception>
    internal static InternalActorRef From(IActorRef actorRef) => actorRef as InternalActorRef
        ?? throw new ArgumentException(
            $"{actorRef} is not a ref of an actor system; only those can be watched or stopped.", nameof(actorRef));
}
