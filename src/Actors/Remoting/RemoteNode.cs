using System.Collections.Concurrent;
using GpuActors.Actors.Remoting.Associations;
using GpuActors.Actors.Remoting.Handshakes;
using GpuActors.Actors.Remoting.Transport;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Remoting;

/// <summary>This actor system as a node among others: what all its associations share.</summary>
sealed class RemoteNode : IRemoteProvider, IThreadPoolWorkItem
{
    const int CachedRefsMax = 10_000;

    readonly ConcurrentDictionary<ActorPath, RemoteActorRef> _refs = new(new PathAndUid());
    readonly INetworkListener _listener;
    readonly Acceptor _acceptor;
    readonly ITimer _heartbeat;
    readonly Lock _gate = new();
    Task? _stopped;
    long _lastTick;

    RemoteNode(ActorSystem system, RemoteSettings settings, INetwork network, INetworkListener listener)
    {
        System = system;
        Settings = settings;
        Network = network;
        _listener = listener;
        Address = new Address(
            system.Name, settings.PublicHostName ?? settings.HostName, settings.PublicPort ?? listener.Port);
        Uid = NewUid(system.Runtime.Random);
        Log = new LimitedLog(system.GetLogger("GpuActors.Actors.Remoting." + system.Name), Time);
        Handshake = new Handshake(
            new ClusterSecret(settings.Secret), Address.ToString(), Uid,
            settings.Tls is null ? ProtectionMode.AesGcm : ProtectionMode.Transport, system.Runtime.Random);
        Associations = new AssociationRegistry(this);
        _acceptor = new Acceptor(this, listener);
        _lastTick = Time.GetTimestamp();
        _heartbeat = Time.CreateTimer(
            static node => ((RemoteNode)node!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public ActorSystem System { get; }

    public RemoteSettings Settings { get; }

    public INetwork Network { get; }

    public Address Address { get; }

    /// <summary>This incarnation of the system: random, never 0.</summary>
    public ulong Uid { get; }

    public LimitedLog Log { get; }

    public Handshake Handshake { get; }

    public AssociationRegistry Associations { get; }

    public TimeProvider Time => System.Runtime.Time;

    public static async Task<RemoteNode> StartAsync(
        ActorSystem system, RemoteSettings settings, INetwork network, CancellationToken cancellationToken)
    {
        settings.Validate();
        var secured = settings.Tls is { } tls ? new TlsNetwork(network, tls) : network;
        var listener = await secured.ListenAsync(settings.HostName, settings.Port, cancellationToken);
        try
        {
            var node = new RemoteNode(system, settings, secured, listener);
            system.RegisterRemoteProvider(node);
            node.StopWithSystem();
            node._acceptor.Start();
            node._heartbeat.Change(settings.HeartbeatInterval, settings.HeartbeatInterval);
            return node;
        }
        catch
        {
            await listener.DisposeAsync();
            throw;
        }
    }

    public InternalActorRef CreateRef(ActorPath path)
    {
        if (path.Address.HasLocalScope)
        {
            return new EmptyLocalActorRef(System, path); // Another system's inner address leads nowhere from here.
        }

        if (_refs.TryGetValue(path, out var known))
        {
            return known;
        }

        if (_refs.Count >= CachedRefsMax)
        {
            _refs.Clear();
        }

        return _refs.GetOrAdd(path, static (path, node) => new RemoteActorRef(node, path), this);
    }

    public void Publish(RemotingEvent remotingEvent) => System.EventStream.Publish(remotingEvent);

    /// <summary>Takes no calls any more, sends what is queued, says good-bye to every peer. Once.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            return _stopped ??= StopOnceAsync();
        }
    }

    /// <summary>Work item that stops remoting when the last actor has stopped, whoever waits for it.</summary>
    void IThreadPoolWorkItem.Execute() => _ = StopAsync();

    /// <summary>Lets remoting end after the actors, whose last words it still sends.</summary>
    void StopWithSystem()
    {
        System.RegisterOnTermination(() => System.Runtime.Execute(this));
        CoordinatedShutdown.Get(System).AddTask(
            CoordinatedShutdown.PhaseActorSystemTerminate,
            "stop-remoting",
            async () =>
            {
                await System.WhenTerminated;
                await StopAsync();
            });
    }

    async Task StopOnceAsync()
    {
        await _acceptor.StopAsync();
        using var deadline = new Deadline(Settings.FlushTimeout, Time, CancellationToken.None);
        await Task.WhenAll(Associations.All.Select(association => association.StopAsync(deadline.Token)));
        await _heartbeat.DisposeAsync();
    }

    /// <summary>Vanishes as a killed process does: without a word.</summary>
    internal async Task AbortAsync()
    {
        await _heartbeat.DisposeAsync();
        await _acceptor.StopAsync();
        foreach (var association in Associations.All)
        {
            association.Abort();
        }
    }

    void Tick()
    {
        var now = Time.GetTimestamp();
        var late = Time.GetElapsedTime(_lastTick, now) - Settings.HeartbeatInterval;
        _lastTick = now;
        foreach (var association in Associations.All)
        {
            association.Tick(now, late);
        }
    }

    static ulong NewUid(IRandomSource random)
    {
        Span<byte> bytes = stackalloc byte[8];
        random.Fill(bytes);
        return BitConverter.ToUInt64(bytes) | 1; // Never 0, which stands for a peer not seen yet.
    }

    sealed class PathAndUid : IEqualityComparer<ActorPath>
    {
        public bool Equals(ActorPath? x, ActorPath? y) => x?.Uid == y?.Uid && x == y;

        public int GetHashCode(ActorPath path) => HashCode.Combine(path.Uid, path);
    }
}
