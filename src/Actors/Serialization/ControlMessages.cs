namespace GpuActors.Actors.Serialization;

/// <summary>Registers the runtime's own messages.</summary>
internal static class ControlMessages
{
    public static void RegisterAll(Serialization serialization)
    {
        var json = ControlMessageJson.Default;
        serialization.Register("$watch", json.Watch);
        serialization.Register("$unwatch", json.Unwatch);
        serialization.Register("$death", json.DeathWatchNotification);
        serialization.Register("$terminated", json.Terminated);
        serialization.Register("$identify", json.Identify);
        serialization.Register("$identity", json.ActorIdentity);
        serialization.Register("$poison-pill", json.NoContent, static (PoisonPill _) => default, _ => PoisonPill.Instance);
        serialization.Register("$kill", json.NoContent, static (Kill _) => default, _ => Kill.Instance);
        serialization.Register("$success", json.SuccessContent,
            (Status.Success success) => SuccessContent.From(success, serialization),
            content => new Status.Success(content.ReadValue(serialization)));
        serialization.Register<Status.Failure, FailureContent>(
            "$failure", json.FailureContent, FailureContent.From, static content => content.ToFailure());
    }
}
