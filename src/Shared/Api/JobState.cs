using System.Text.Json.Serialization;

namespace GpuActors.Shared.Api;

/// <summary>Where a job (and its session) is on its way. The last three are terminal.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobState>))]
public enum JobState
{
    /// <summary>Durably accepted, waits for a slice.</summary>
    Queued,

    /// <summary>Slices are reserved; the executor is being started.</summary>
    Placed,

    /// <summary>The executor runs the steps.</summary>
    Running,

    /// <summary>Moves to other slices by decision of the balancer or an operator.</summary>
    Migrating,

    /// <summary>Its host was lost or its executor died; it will be placed again.</summary>
    Recovering,

    /// <summary>Ended well; its outputs are there.</summary>
    Completed,

    /// <summary>Ended with an error that <see cref="JobStatus.Error"/> describes.</summary>
    Failed,

    /// <summary>Ended because somebody who may asked for it.</summary>
    Cancelled,
}

/// <summary>Questions about a <see cref="JobState"/>.</summary>
public static class JobStates
{
    /// <summary>True when the state never changes again.</summary>
    public static bool IsTerminal(this JobState state) =>
        state is JobState.Completed or JobState.Failed or JobState.Cancelled;
}
