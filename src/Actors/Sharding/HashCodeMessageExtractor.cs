using System.Globalization;
using System.Text;

namespace GpuActors.Actors.Sharding;

/// <summary>Spreads entities over a fixed number of shards by a hash of their id.</summary>
public abstract class HashCodeMessageExtractor(int maxNumberOfShards) : IMessageExtractor
{
    private const uint FnvOffset = 2166136261;
    private const uint FnvPrime = 16777619;

    /// <inheritdoc/>
    public abstract string? EntityId(object message);

    /// <inheritdoc/>
    public virtual object EntityMessage(object message) =>
        message is ShardingEnvelope envelope ? envelope.Message : message;

    /// <summary>FNV-1a over the id's UTF-8 bytes: the same on every machine and version, unlike string hash codes.</summary>
    public virtual string ShardId(string entityId, object? messageHint = null)
    {
        var hash = FnvOffset;
        foreach (var octet in Encoding.UTF8.GetBytes(entityId))
        {
            hash = (hash ^ octet) * FnvPrime;
        }

        return (hash % (uint)maxNumberOfShards).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>An extractor made of a function that reads the id.</summary>
    public static HashCodeMessageExtractor Create(int maxNumberOfShards, Func<object, string?> entityId) =>
        new Delegated(maxNumberOfShards, entityId);

    private sealed class Delegated(int shards, Func<object, string?> entityId) : HashCodeMessageExtractor(shards)
    {
        public override string? EntityId(object message) =>
            message is ShardingEnvelope envelope ? envelope.EntityId : entityId(message);
    }
}
