using System.Globalization;
using System.Text;

namespace GpuActors.Actors.Cluster.Sharding;

/// <summary>Spreads entities over a fixed number of shards by a hash of their id.</summary>
public abstract class HashCodeMessageExtractor : IMessageExtractor
{
    private const uint FnvOffset = 2166136261;
    private const uint FnvPrime = 16777619;
    private const int StackBytes = 256;

    private readonly string[] _shardIds;

    /// <param name="maxNumberOfShards">Must never change in a cluster's life.</param>
    protected HashCodeMessageExtractor(int maxNumberOfShards)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxNumberOfShards, 1);
        _shardIds = new string[maxNumberOfShards];
        for (var i = 0; i < maxNumberOfShards; i++)
        {
            _shardIds[i] = i.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <inheritdoc/>
    public virtual IReadOnlyList<string>? ShardIds => _shardIds;

    /// <inheritdoc/>
    public abstract string? EntityId(object message);

    /// <inheritdoc/>
    public virtual object EntityMessage(object message) =>
        message is ShardingEnvelope envelope ? envelope.Message : message;

    /// <summary>FNV-1a over the id's UTF-8 bytes: the same on every machine and version, unlike string hash codes.</summary>
    public virtual string ShardId(string entityId, object? messageHint = null)
    {
        var hash = FnvOffset;
        Span<byte> stack = stackalloc byte[StackBytes];
        var octets = Encoding.UTF8.TryGetBytes(entityId, stack, out var count)
            ? stack[..count]
            : Encoding.UTF8.GetBytes(entityId);
        foreach (var octet in octets)
        {
            hash = (hash ^ octet) * FnvPrime;
        }

        return _shardIds[hash % (uint)_shardIds.Length];
    }

    /// <summary>An extractor made of functions that read the id and, unless the message itself is meant, the content.
    /// </summary>
    public static HashCodeMessageExtractor Create(
        int maxNumberOfShards, Func<object, string?> entityId, Func<object, object>? entityMessage = null) =>
        new Delegated(maxNumberOfShards, entityId, entityMessage);

    private sealed class Delegated(int shards, Func<object, string?> entityId, Func<object, object>? entityMessage)
        : HashCodeMessageExtractor(shards)
    {
        public override string? EntityId(object message) =>
            message is ShardingEnvelope envelope ? envelope.EntityId : entityId(message);

        public override object EntityMessage(object message) =>
            message is ShardingEnvelope || entityMessage is null ? base.EntityMessage(message) : entityMessage(message);
    }
}
