using System.Runtime.CompilerServices;

namespace GpuActors.Actors.Remoting.Associations;

/// <summary>
/// Death watch across one association, in both directions.
/// <para>
/// What this node watches there is kept here, and all of it is sent again whenever a connection opens; the peer answers
/// for an actor that is gone meanwhile. So no notice needs an acknowledgement: whatever a broken connection swallowed
/// is made up for at the next one. An entry leaves the table when its notice comes, when the watcher takes the watch
/// back, or when the peer is given up, and only who takes it out tells the watcher: it hears exactly once.
/// </para>
/// </summary>
sealed class RemoteWatches(Association association)
{
    readonly Lock _gate = new();
    readonly Dictionary<string, Dictionary<IActorRef, IActorRef>> _watchersOf = [];
    readonly Dictionary<string, IncomingWatch> _incoming = [];

    /// <summary>Whether anything is watched on the peer.</summary>
    public bool Any
    {
        get
        {
            lock (_gate)
            {
                return _watchersOf.Count > 0;
            }
        }
    }

    /// <summary>Sends a local watcher its notice.</summary>
    public static void Notify(IActorRef watcher, IActorRef watchee, bool existed, bool addressTerminated) =>
        InternalActorRef.From(watcher).SendSystemMessage(
            new DeathWatchNotification(watchee, existed, addressTerminated));

    /// <summary>A local actor watches one there.</summary>
    public void Add(RemoteActorRef watchee, Watch watch)
    {
        if (watchee.WirePath.Length > EnvelopeWriter.TextBytesMax)
        {
            Notify(watch.Watcher, watch.Watchee, existed: false, addressTerminated: false);
            return;
        }

        lock (_gate)
        {
            if (!_watchersOf.TryGetValue(watchee.WirePath, out var watchers))
            {
                _watchersOf.Add(watchee.WirePath, watchers = []);
                SendIfConnected(EnvelopeKind.Watch, watchee.WirePath);
            }

            watchers[watch.Watcher] = watch.Watchee;
        }

        association.EnsureConnected();
    }

    /// <summary>A local actor watches one there no longer.</summary>
    public void Remove(RemoteActorRef watchee, Unwatch unwatch)
    {
        lock (_gate)
        {
            if (_watchersOf.TryGetValue(watchee.WirePath, out var watchers)
                && watchers.Remove(unwatch.Watcher)
                && watchers.Count == 0)
            {
                _watchersOf.Remove(watchee.WirePath);
                SendIfConnected(EnvelopeKind.Unwatch, watchee.WirePath);
            }
        }
    }

    /// <summary>A connection has opened: says again what is watched.</summary>
    public void SendAll()
    {
        lock (_gate)
        {
            foreach (var path in _watchersOf.Keys)
            {
                SendIfConnected(EnvelopeKind.Watch, path);
            }
        }
    }

    /// <summary>The peer says that an actor is gone.</summary>
    public void ReceiveNotice(string path, bool existed)
    {
        Dictionary<IActorRef, IActorRef>? watchers;
        lock (_gate)
        {
            _watchersOf.Remove(path, out watchers);
        }

        foreach (var (watcher, watchee) in watchers ?? [])
        {
            Notify(watcher, watchee, existed, addressTerminated: false);
        }
    }

    /// <summary>The peer is given up: tells who watches an actor there, forgets what it watches here.</summary>
    public void GiveUp()
    {
        List<Dictionary<IActorRef, IActorRef>> lost;
        List<IncomingWatch> incoming;
        lock (_gate)
        {
            lost = [.. _watchersOf.Values];
            incoming = [.. _incoming.Values];
            _watchersOf.Clear();
            _incoming.Clear();
        }

        foreach (var (watcher, watchee) in lost.SelectMany(watchers => watchers))
        {
            Notify(watcher, watchee, existed: false, addressTerminated: true);
        }

        incoming.ForEach(watch => watch.TakeBack());
    }

    /// <summary>The peer watches an actor here.</summary>
    public void ReceiveWatch(string path)
    {
        IncomingWatch watch;
        lock (_gate)
        {
            if (_incoming.ContainsKey(path))
            {
                return;
            }

            var watchee = association.System.Provider.Resolve(
                WirePath.Parse(path, association.System.Provider.LocalAddress));
            watch = new IncomingWatch(this, path, watchee);
            _incoming.Add(path, watch);
        }

        watch.Begin();
    }

    /// <summary>The peer watches an actor here no longer.</summary>
    public void ReceiveUnwatch(string path)
    {
        IncomingWatch? watch;
        lock (_gate)
        {
            _incoming.Remove(path, out watch);
        }

        watch?.TakeBack();
    }

    void SendDeathNotice(IncomingWatch watch, bool existed)
    {
        lock (_gate)
        {
            if (_incoming.TryGetValue(watch.WatchedPath, out var current) && ReferenceEquals(current, watch))
            {
                _incoming.Remove(watch.WatchedPath);
                association.SendControl(
                    new OutboundEnvelope(EnvelopeKind.DeathNotice, Text: watch.WatchedPath, Flag: existed));
            }
        }
    }

    void SendIfConnected(EnvelopeKind kind, string path)
    {
        if (association.HasOpenLink)
        {
            association.SendControl(new OutboundEnvelope(kind, Text: path));
        }
    }

    /// <summary>Stands for the peer in the list of a local actor's watchers.</summary>
    sealed class IncomingWatch(RemoteWatches owner, string watchedPath, InternalActorRef watchee) : InternalActorRef
    {
        public string WatchedPath => watchedPath;

        public override ActorPath Path { get; } =
            ActorPath.Root(watchee.Path.Address).Child("system").Child("remote-watch");

        public void Begin() => watchee.SendSystemMessage(new Watch(watchee, this));

        public void TakeBack() => watchee.SendSystemMessage(new Unwatch(watchee, this));

        public override void Tell(object message, IActorRef? sender)
        {
            // Nobody has this ref but the runtime, which sends it system messages only.
        }

        public override void SendSystemMessage(SystemMessage message)
        {
            if (message is DeathWatchNotification death)
            {
                owner.SendDeathNotice(this, death.ExistenceConfirmed);
            }
        }

        public override bool Equals(IActorRef? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);
    }
}
