using GpuActors.Actors.Remoting.Associations;

namespace GpuActors.Actors.Remoting;

/// <summary>An actor on another node, or whatever its path leads to there.</summary>
sealed class RemoteActorRef : InternalActorRef, IHasActorSystem
{
    readonly Association _association;
    ActorPath? _path;

    /// <param name="association">The node that the actor lives on.</param>
    /// <param name="wirePath">Names and uid on that node.</param>
    /// <param name="path">The full path, if it is at hand; otherwise it is made when somebody asks.</param>
    public RemoteActorRef(Association association, string wirePath, ActorPath? path)
    {
        _association = association;
        _path = path;
        WirePath = wirePath;
        IsTemporary = Associations.WirePath.IsTemporary(wirePath);
    }

    public override ActorPath Path => _path ??= ParsePath();

    /// <summary>Names and uid, as they are sent.</summary>
    public string WirePath { get; }

    /// <summary>Whether this is the sender of an Ask, which is told once.</summary>
    public bool IsTemporary { get; }

    public ActorSystem System => _association.System;

    public override void Tell(object message, IActorRef? sender) => _association.Send(this, message, sender);

    public override void SendSystemMessage(SystemMessage message)
    {
        switch (message)
        {
            case Watch watch:
                _association.Watches.Add(this, watch);
                break;
            case Unwatch unwatch:
                _association.Watches.Remove(this, unwatch);
                break;
            default:
                // Supervision stays within a node: nobody has a remote child.
                break;
        }
    }

    ActorPath ParsePath() =>
        ActorPath.TryParseElements(ActorPath.Root(_association.RemoteAddress), WirePath.AsSpan(1), out var path)
            ? path
            : throw new FormatException($"'{WirePath}' from {_association.RemoteAddress} is not an actor's path");
}
