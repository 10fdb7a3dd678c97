using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;

namespace GpuActors.Worker.Actors;

/// <summary>Ends of attempts that have nothing to report but why.</summary>
public static class AttemptOutcomes
{
    /// <summary>The worker did not run it, or ended it, by no fault of the job.</summary>
    public static AttemptOutcome Refused(string kind, string message) => Without(AttemptResult.Refused, kind, message);

    /// <summary>Ended on the scheduler's word.</summary>
    public static AttemptOutcome Stopped(string reason) => Without(AttemptResult.Stopped, "stopped", reason);

    /// <summary>Ended with <paramref name="result"/> and no outputs.</summary>
    public static AttemptOutcome Without(AttemptResult result, string kind, string message, string log = "") =>
        new(result, new JobError { Kind = kind, Message = message }, [], log, TimeSpan.Zero);
}
