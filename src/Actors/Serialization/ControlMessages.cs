namespace GpuActors.Actors.Serialization;

/// <summary>Registers the runtime's own messages.</summary>
internal static class ControlMessages
{
    public static void RegisterAll(Serialization serialization)
    {
        var json = ControlMessageJson.Default;
        serialization.Register("$terminated", json.Terminated);
        serialization.Register("$identify", json.Identify);
        serialization.Register("$identity", json.ActorIdentity);
        serialization.Register("$poison-pill", json.NoContent, static (PoisonPill _) => default, _ => PoisonPill.Instance);
        serialization.Register("$kill", json.NoContent, static (Kill _) => default, _ => Kill.Instance);
        serialization.Register("$success", new SuccessCodec(serialization));
        serialization.Register<Status.Failure, FailureContent>(
            "$failure", json.FailureContent, FailureContent.From, static content => content.ToFailure());
        Cluster.ClusterSerialization.RegisterAll(serialization);
    }
}
