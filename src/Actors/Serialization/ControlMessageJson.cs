using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace GpuActors.Actors.Serialization;

/// <summary>The runtime's own messages on the wire.</summary>
[JsonSerializable(typeof(Watch))]
[JsonSerializable(typeof(Unwatch))]
[JsonSerializable(typeof(DeathWatchNotification))]
[JsonSerializable(typeof(Terminated))]
[JsonSerializable(typeof(Identify))]
[JsonSerializable(typeof(ActorIdentity))]
[JsonSerializable(typeof(NoContent))]
[JsonSerializable(typeof(FailureContent))]
[JsonSerializable(typeof(SuccessContent))]
internal sealed partial class ControlMessageJson : JsonSerializerContext;

/// <summary>Of messages that are nothing but their manifest.</summary>
internal readonly record struct NoContent;

/// <summary>A <see cref="Status.Success"/>, its value as a message of its own.</summary>
internal sealed record SuccessContent(string? Manifest, JsonElement? Value)
{
    public static SuccessContent From(Status.Success success, Serialization serialization)
    {
        if (success.Value is null)
        {
            return new SuccessContent(null, null);
        }

        var buffer = new ArrayBufferWriter<byte>();
        var manifest = serialization.Serialize(success.Value, buffer);
        var reader = new Utf8JsonReader(buffer.WrittenSpan);
        return new SuccessContent(manifest, JsonElement.ParseValue(ref reader));
    }

    public object? ReadValue(Serialization serialization) => Manifest is null || Value is null
        ? null
        : serialization.Deserialize(Manifest, JsonMarshal.GetRawUtf8Value(Value.Value));
}

/// <summary>A <see cref="Status.Failure"/>: what can be said of an exception without its class.</summary>
internal sealed record FailureContent(string Type, string Message)
{
    public static FailureContent From(Status.Failure failure) => failure.Cause is RemoteFailureException remote
        ? new FailureContent(remote.TypeName, remote.OriginalMessage)
        : new FailureContent(failure.Cause.GetType().FullName!, failure.Cause.Message);

    public Status.Failure ToFailure() => new(new RemoteFailureException(Type, Message));
}
