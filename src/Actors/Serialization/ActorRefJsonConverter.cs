using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuActors.Actors.Serialization;

/// <summary>
/// A ref as its full path with uid. Works only inside <see cref="Serialization"/>, which knows the system; a ref that
/// comes back belongs to the system that reads it.
/// </summary>
public sealed class ActorRefJsonConverter : JsonConverter<IActorRef>
{
    public override IActorRef? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var path = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return ActorPath.TryParse(path, out var parsed)
            ? Serialization.CurrentSystem.Provider.ResolveActorRef(parsed)
            : throw new JsonException("A ref is the string akka://system[@host:port]/name/...#uid.");
    }

    public override void Write(Utf8JsonWriter writer, IActorRef value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Serialization.CurrentSystem.Provider.SerializePath(value));
}
