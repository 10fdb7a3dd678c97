using System.Collections.Concurrent;

namespace GpuActors.Actors;

/// <summary>Finds the ref for a path: a local actor, one on another node, or a dead end.</summary>
public sealed class ActorRefProvider
{
    private readonly ActorSystem _system;
    private readonly ActorPath _root;
    private readonly ConcurrentDictionary<string, InternalActorRef> _temporary = new();
    private readonly long _uidBase;
    private IRemoteProvider? _remote;
    private long _lastNumber;
    private long _lastTemporary;

    internal ActorRefProvider(ActorSystem system)
    {
        _system = system;
        LocalAddress = new Address(system.Name);
        _root = ActorPath.Root(LocalAddress);

        // Numbers restart with the process; the base makes the uids of two runs differ.
        _uidBase = (long)system.Runtime.Random.Next(int.MaxValue) << 32;
    }

    /// <summary>This system as others address it; without host as long as there is no remoting.</summary>
    public Address Address => Volatile.Read(ref _remote)?.Address ?? LocalAddress;

    /// <summary>This system's address inside the process.</summary>
    public Address LocalAddress { get; }

    /// <summary>The ref for a full path. A local path without an actor gives a ref that leads to dead letters.</summary>
    /// <exception cref="FormatException">The text is not an actor path.</exception>
    public IActorRef ResolveActorRef(string path) => ResolveActorRef(ActorPath.Parse(path));

    /// <inheritdoc cref="ResolveActorRef(string)"/>
    public IActorRef ResolveActorRef(ActorPath path) => Resolve(path);

    /// <summary>The text that leads to an actor from anywhere.</summary>
    public string SerializePath(IActorRef actorRef) => actorRef.Path.ToSerializationFormat(Address);

    internal InternalActorRef Resolve(ActorPath path)
    {
        if (IsLocal(path.Address))
        {
            return FindLocal(path) ?? new EmptyLocalActorRef(_system, Rebase(path));
        }

        return Volatile.Read(ref _remote)?.CreateRef(path) ?? new EmptyLocalActorRef(_system, path);
    }

    /// <summary>Hands a message from another node to a local actor.</summary>
    internal void Deliver(string recipientPath, object message, IActorRef? sender)
    {
        var recipient = Resolve(ActorPath.Parse(recipientPath));
        if (message is SystemMessage systemMessage)
        {
            recipient.SendSystemMessage(systemMessage);
        }
        else
        {
            recipient.Tell(message, sender);
        }
    }

    internal void RegisterRemote(IRemoteProvider remote)
    {
        if (Interlocked.CompareExchange(ref _remote, remote, null) is not null)
        {
            throw new InvalidOperationException($"{LocalAddress} has remoting already, at {Address}.");
        }
    }

    internal bool IsLocal(Address address) => address == LocalAddress || address == Address;

    internal long NextNumber() => Interlocked.Increment(ref _lastNumber);

    internal long UidOf(long number) => _uidBase + number;

    internal ActorPath NextTempPath()
    {
        var number = Interlocked.Increment(ref _lastTemporary);
        return _root.Child("temp").Child(NumberedName.Format(number), UidOf(number));
    }

    internal void RegisterTemp(ActorPath path, InternalActorRef actorRef) => _temporary[path.Name] = actorRef;

    internal void UnregisterTemp(ActorPath path) => _temporary.TryRemove(path.Name, out _);

    private InternalActorRef? FindLocal(ActorPath path)
    {
        if (path.IsRoot)
        {
            return _system.Root;
        }

        if (path.Parent.IsRoot && path.Name == "deadLetters")
        {
            return (InternalActorRef)_system.DeadLetters;
        }

        if (path.Parent.Name == "temp" && path.Parent.Parent.IsRoot)
        {
            return _temporary.TryGetValue(path.Name, out var temporary) && temporary.Path.Uid == path.Uid
                ? temporary
                : null;
        }

        var cell = FindCell(path);
        return cell is not null && (path.Uid == 0 || path.Uid == UidOf(cell.Number)) ? cell : null;
    }

    private ActorCell? FindCell(ActorPath path) =>
        path.IsRoot ? _system.Root : FindCell(path.Parent)?.FindChild(path.Name);

    private ActorPath Rebase(ActorPath path) =>
        path.IsRoot ? _root : Rebase(path.Parent).Child(path.Name, path.Uid);
}
