using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Cluster.Sharding;

/// <summary>A message that is kept.</summary>
/// <param name="Message">As it was sent.</param>
/// <param name="Sender">Who sent it.</param>
/// <param name="Since">Since when.</param>
/// <param name="MayPassBack">False if another node could not do anything with it either.</param>
internal readonly record struct KeptMessage(object Message, IActorRef? Sender, long Since, bool MayPassBack);

/// <summary>A shard as one region sees it.</summary>
internal sealed class ShardEntry(string id, string scope)
{
    public string Id => id;

    public string Scope => scope;

    /// <summary>The newest that is known of its owner.</summary>
    public ScopeRow? Row { get; private set; }

    /// <summary>Who should own it; null if nobody can.</summary>
    public Member? Heir { get; set; }

    public ShardHold Hold { get; set; }

    /// <summary>The right to it, while it is held.</summary>
    public OwnershipToken Token { get; set; }

    /// <summary>Its actor, while it runs or is handed over.</summary>
    public IActorRef? Shard { get; set; }

    /// <summary>A former actor of it that has not stopped yet.</summary>
    public IActorRef? Stopping { get; set; }

    /// <summary>Where its messages go if not to <see cref="Shard"/>; null if they are kept.</summary>
    public RemoteRegion? Remote { get; set; }

    /// <summary>Who may know more while this node may not act.</summary>
    public RemoteRegion? Fallback { get; set; }

    /// <summary>What is kept for it, oldest first; null if nothing.</summary>
    public Queue<KeptMessage>? Kept { get; set; }

    /// <summary>When a sender was last told of the owner.</summary>
    public long HintedAt { get; set; }

    public bool IsLocal => Hold == ShardHold.Running && Shard is not null;

    /// <summary>Takes over what the store says, unless something newer is known.</summary>
    public void Learn(ScopeRow row)
    {
        if (Row is null || Row.Token.Epoch <= row.Token.Epoch)
        {
            Row = row;
        }
    }

    /// <summary>Facts for a decision.</summary>
    public ShardFacts Facts(ClusterSnapshot cluster) => new(
        Hold, Row?.OwnerId, Row?.OwnerId is { } owner && cluster.Find(owner)?.IsLiving == true, Heir?.Id);
}

/// <summary>The region of another node.</summary>
internal sealed class RemoteRegion(Address address, IActorRef region)
{
    public Address Address => address;

    public IActorRef Ref => region;

    /// <summary>False between the loss of the connection and the next one: messages are kept meanwhile.</summary>
    public bool IsConnected { get; set; } = true;
}
