using System.Buffers;
using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Serialization;

namespace GpuActors.Actors.Cluster;

/// <summary>Asks to be told of all scopes that begin with a prefix, and to have them claimed and released.</summary>
internal sealed record HoldScopes(string Prefix);

/// <summary>To a holder: what changed. The first one has everything.</summary>
internal sealed record ScopesChanged(ClusterSnapshot Cluster, IReadOnlyList<ScopeRow> Rows);

/// <summary>From a holder: claim these.</summary>
internal sealed record ClaimScopes(IReadOnlyList<string> Scopes);

/// <summary>To a holder: a claim has ended.</summary>
internal sealed record ScopesClaimed(IReadOnlyList<string> Asked, IReadOnlyList<OwnershipToken> Granted);

/// <summary>From a holder: these are no longer used.</summary>
internal sealed record ReleaseScopes(IReadOnlyList<OwnershipToken> Tokens);

/// <summary>To a holder: these are free.</summary>
internal sealed record ScopesReleased(IReadOnlyList<OwnershipToken> Tokens);

/// <summary>Read the cluster again now.</summary>
internal sealed class RefreshCluster : IDeadLetterSuppression
{
    public static RefreshCluster Instance { get; } = new();
}

/// <summary>From another member: something has changed. A hint, as is the store's own.</summary>
internal sealed class ClusterChangedHint : IDeadLetterSuppression
{
    public static ClusterChangedHint Instance { get; } = new();

    /// <summary>It has no content.</summary>
    public sealed class Codec : IMessageCodec<ClusterChangedHint>
    {
        public void Write(IBufferWriter<byte> destination, ClusterChangedHint message)
        {
            // The manifest says all.
        }

        public ClusterChangedHint Read(ReadOnlySequence<byte> source) => Instance;
    }
}

/// <summary>Subscribes to events of the cluster.</summary>
internal sealed record SubscribeToCluster(
    IActorRef Subscriber, ClusterEvent.SubscriptionInitialStateMode Mode, IReadOnlyList<Type> Types);

/// <summary>Ends a subscription.</summary>
internal sealed record UnsubscribeFromCluster(IActorRef Subscriber);

/// <summary>Moves the member of an address on in its life; null is this node.</summary>
internal sealed record ChangeStatus(Address? Address, MemberStatus Status);

/// <summary>Hand everything over; answered by <see cref="Done"/>.</summary>
internal sealed class HandOverAll
{
    public static HandOverAll Instance { get; } = new();
}

/// <summary>End this node's membership; answered by <see cref="Done"/>.</summary>
internal sealed class RemoveSelf
{
    public static RemoveSelf Instance { get; } = new();
}
