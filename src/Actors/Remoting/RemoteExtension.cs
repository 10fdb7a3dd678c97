using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Remoting;

/// <summary>Remoting of an actor system; made by <see cref="RemotingExtensions.StartRemotingAsync"/>.</summary>
public sealed class RemoteExtension : IExtension
{
    internal RemoteExtension(RemoteNode node) => Node = node;

    /// <summary>The address under which other nodes know this one.</summary>
    public Address Address => Node.Address;

    /// <summary>This incarnation of the system.</summary>
    public ulong Uid => Node.Uid;

    /// <summary>The peers as they are now.</summary>
    public IReadOnlyList<AssociationStatus> Associations =>
        [.. Node.Associations.All.Select(association => association.Status)];

    internal RemoteNode Node { get; }

    /// <summary>Whether there is a connection to a peer now.</summary>
    public bool IsConnected(Address address) => Node.Associations.Find(address)?.HasOpenLink == true;

    /// <summary>Refuses an incarnation of a peer for good; watchers of its actors are told.</summary>
    public void Quarantine(Address address, ulong uid, string reason) =>
        Node.System.Runtime.Execute(new Quarantining(Node, address, uid, reason)); // Not on a calling actor's turn.

    sealed class Quarantining(RemoteNode node, Address address, ulong uid, string reason) : IThreadPoolWorkItem
    {
        public void Execute() => node.Associations.GetOrAdd(address)?.Quarantine(uid, reason);
    }
}

/// <summary>How an actor system gets remoting.</summary>
public static class RemotingExtensions
{
    /// <summary>
    /// Makes the system reachable under an address, and the actors of others reachable from it. To be called once,
    /// before refs of this system's actors are handed out.
    /// </summary>
    /// <exception cref="ArgumentException">A setting is out of range or the secret too short.</exception>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    /// <exception cref="InvalidOperationException">The system has remoting already.</exception>
    public static Task<RemoteExtension> StartRemotingAsync(
        this ActorSystem system, RemoteSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(settings);
        return system.StartRemotingAsync(settings, system.Runtime.Network, cancellationToken);
    }

    internal static async Task<RemoteExtension> StartRemotingAsync(
        this ActorSystem system, RemoteSettings settings, INetwork network, CancellationToken cancellationToken)
    {
        var node = await RemoteNode.StartAsync(system, settings, network, cancellationToken);
        return system.RegisterExtension(new Id(node));
    }

    sealed class Id(RemoteNode node) : IExtensionId<RemoteExtension>
    {
        public RemoteExtension CreateExtension(ActorSystem system) => new(node);
    }
}
