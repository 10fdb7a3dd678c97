using System.Text.Json;
using System.Text.Json.Serialization;
using GpuActors.Actors.Cluster.PubSub;
using GpuActors.Actors.Cluster.Sharding;

namespace GpuActors.Actors.Cluster;

/// <summary>Messages of the cluster between nodes. Part of the protocol: manifests stay as they are.</summary>
internal static class ClusterSerialization
{
    public static void RegisterAll(Serialization.Serialization serialization)
    {
        var json = ClusterJson.Default;
        serialization.Register("$cluster-changed", new ClusterChangedHint.Codec());
        serialization.Register("$entity", new ShardingEnvelopeCodec(serialization));
        serialization.Register("$forwarded", new ForwardedMessageCodec(serialization));
        serialization.Register("$start-entity", json.StartEntity);
        serialization.Register("$shard-home", json.ShardHome);
        serialization.Register("$region-probe", json.RegionProbe);
        serialization.Register("$region-probe-ack", json.RegionProbeAck);
        serialization.Register("$region-state?", json.GetShardRegionState);
        serialization.Register("$region-state", json.CurrentShardRegionState);
        serialization.Register("$region-stats?", json.GetShardRegionStats);
        serialization.Register("$region-stats", json.ShardRegionStats);
        serialization.Register("$entity-location?", json.GetEntityLocation);
        serialization.Register("$entity-location", json.EntityLocation);
        serialization.Register("$published", new PublishedCodec(serialization));
        serialization.Register("$topics", json.TopicList);
        serialization.Register("$topics-version", json.TopicsVersion);
        serialization.Register("$topics?", json.TopicsRequest);
    }
}

[JsonSerializable(typeof(ShardRegion.StartEntity))]
[JsonSerializable(typeof(ShardHome))]
[JsonSerializable(typeof(RegionProbe))]
[JsonSerializable(typeof(RegionProbeAck))]
[JsonSerializable(typeof(GetShardRegionState))]
[JsonSerializable(typeof(CurrentShardRegionState))]
[JsonSerializable(typeof(GetShardRegionStats))]
[JsonSerializable(typeof(ShardRegionStats))]
[JsonSerializable(typeof(GetEntityLocation))]
[JsonSerializable(typeof(EntityLocation))]
[JsonSerializable(typeof(TopicList))]
[JsonSerializable(typeof(TopicsVersion))]
[JsonSerializable(typeof(TopicsRequest))]
[JsonSourceGenerationOptions(Converters = [typeof(AddressJsonConverter)])]
internal sealed partial class ClusterJson : JsonSerializerContext;

/// <summary>An address as its text.</summary>
internal sealed class AddressJsonConverter : JsonConverter<Address>
{
    public override Address Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Address.TryParse(reader.GetString(), out var address)
            ? address
            : throw new JsonException("An address is the string akka://system[@host:port].");

    public override void Write(Utf8JsonWriter writer, Address value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
