using GpuActors.Actors.Remoting.Associations;

namespace GpuActors.Actors.Remoting;

/// <summary>An actor on another node, or whatever its path leads to there.</summary>
sealed class RemoteActorRef : InternalActorRef, IHasActorSystem
{
    readonly RemoteNode _node;
    readonly Address _address;
    Association? _association;
    ActorPath? _path;

    /// <summary>A ref by its full path. Its node is not contacted before it is used.</summary>
    public RemoteActorRef(RemoteNode node, ActorPath path)
    {
        _node = node;
        _address = path.Address;
        _path = path;
        WirePath = Associations.WirePath.WithoutAddress(path);
        IsTemporary = Associations.WirePath.IsTemporary(path);
    }

    /// <summary>A ref that a peer named by a path on itself.</summary>
    public RemoteActorRef(RemoteNode node, Association association, string wirePath)
    {
        _node = node;
        _address = association.RemoteAddress;
        _association = association;
        WirePath = wirePath;
        IsTemporary = Associations.WirePath.IsTemporary(wirePath);
    }

    public override ActorPath Path => _path ??= Associations.WirePath.Parse(WirePath, _address);

    /// <summary>Names and uid, as they are sent.</summary>
    public string WirePath { get; }

    /// <summary>Whether this is the sender of an Ask, which is told once.</summary>
    public bool IsTemporary { get; }

    public ActorSystem System => _node.System;

    public override void Tell(object message, IActorRef? sender)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (Associate() is { } association)
        {
            association.Send(this, message, sender);
        }
        else
        {
            _node.System.PublishDeadLetter(message, sender, this);
        }
    }

    public override void SendSystemMessage(SystemMessage message)
    {
        switch (message)
        {
            case Watch watch when Associate() is { } association:
                association.Watches.Add(this, watch);
                break;
            case Watch unwatchable:
                RemoteWatches.Notify(unwatchable.Watcher, unwatchable.Watchee, existed: false, addressTerminated: true);
                break;
            case Unwatch unwatch:
                Associate()?.Watches.Remove(this, unwatch);
                break;
            default:
                break; // Supervision stays within a node: nobody has a remote child.
        }
    }

    /// <summary>The association to the actor's node; null when there are too many.</summary>
    Association? Associate()
    {
        var association = Volatile.Read(ref _association);
        if (association is null || association.IsRetired)
        {
            association = _node.Associations.GetOrAdd(_address);
            Volatile.Write(ref _association, association);
        }

        return association;
    }
}
