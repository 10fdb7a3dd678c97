using System.Text.Json.Serialization;

namespace GpuActors.Actors.Serialization;

/// <summary>The runtime's own messages on the wire.</summary>
[JsonSerializable(typeof(Terminated))]
[JsonSerializable(typeof(Identify))]
[JsonSerializable(typeof(ActorIdentity))]
[JsonSerializable(typeof(NoContent))]
[JsonSerializable(typeof(FailureContent))]
internal sealed partial class ControlMessageJson : JsonSerializerContext;

/// <summary>Of messages that are nothing but their manifest.</summary>
internal readonly record struct NoContent;

/// <summary>A <see cref="Status.Failure"/>: what can be said of an exception without its class.</summary>
internal sealed record FailureContent(string Type, string Message)
{
    public static FailureContent From(Status.Failure failure) => failure.Cause is RemoteFailureException remote
        ? new FailureContent(remote.TypeName, remote.OriginalMessage)
        : new FailureContent(failure.Cause.GetType().FullName!, failure.Cause.Message);

    public Status.Failure ToFailure() => new(new RemoteFailureException(Type, Message));
}
