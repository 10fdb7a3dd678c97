using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Sessions;

/// <summary>
/// What follows from what is reported about a session: the event to persist, or null where nothing changes. Pure, and
/// the only place where a session's fate is decided. Two rules make a result unique: an ended session never changes
/// its end, and a report about another epoch than the current one is not about this session any more.
/// </summary>
public static class SessionRules
{
    private const string HostLostKind = "hostLost";
    private const string DeadlineKind = "deadline";
    private const string UnknownAttemptKind = "unknownAttempt";
    private const string PreemptedKind = "preempted";

    /// <summary>Said of a session that ends with its attempt.</summary>
    private const string NotRepeated = "What its client has done there can't be done again elsewhere, so the session has ended.";

    /// <summary>The attempt was lost with its host, as the scheduler says or as the host's worker says itself.</summary>
    public static bool IsHostLoss(JobError error) => error.Kind is HostLostKind or "hostCutOff" or "workerStopped";

    /// <summary>The event says that a host was lost with an attempt.</summary>
    public static bool IsHostLoss(ISessionEvent? happened) => happened switch
    {
        AttemptLost lost => IsHostLoss(lost.Error),
        SessionFailed failed => IsHostLoss(failed.Error),
        _ => false,
    };

    /// <summary>A worker reports that an executor has begun, or began a while ago.</summary>
    public static ISessionEvent? Started(SessionState state, AttemptStarted report, DateTimeOffset now) =>
        state.Phase == JobState.Placed && report.Epoch == state.Epoch
            ? new SessionStarted(report.Epoch, now - report.RunningFor, report.Endpoint)
            : null;

    /// <summary>
    /// A report about an attempt that this session does not know of yet: its start was sent while the placement was
    /// being made durable, and that write was lost. The cell still holds the slices and will say so again; until then
    /// the report is neither true nor false, and its sender repeats it.
    /// </summary>
    public static bool IsAhead(SessionState state, long epoch) => state.Waiting && epoch > state.Epoch;

    /// <summary>A worker reports the end of an attempt.</summary>
    /// <param name="state">The session.</param>
    /// <param name="report">What the worker says.</param>
    /// <param name="limits">How often it is tried again.</param>
    /// <param name="now">The time.</param>
    /// <param name="yields">For whom and why it was to leave; null: for nobody, as far as is known.</param>
    public static ISessionEvent? Ended(
        SessionState state, AttemptEnded report, LossLimits limits, DateTimeOffset now, string? yields = null)
    {
        if (report.Epoch != state.Epoch || !state.HoldsSlices)
        {
            return null;
        }

        if (state.Ended)
        {
            return new SlicesGivenBack(report.Epoch, now);
        }

        var outcome = report.Outcome;
        var error = outcome.Error ?? new JobError { Kind = "unknown", Message = "The worker gave no reason." };
        return outcome.Result switch
        {
            AttemptResult.Completed => new SessionCompleted(
                report.Epoch,
                Array.ConvertAll(outcome.Outputs, output => output.Output),
                outcome.Log,
                outcome.RunTime,
                now,
                state.StartedAt),
            // Nobody stops the attempt of a session that goes on but to make room. That it had to yield may be forgotten.
            AttemptResult.Stopped => Preempted(state, yields ?? error.Message, limits, now),
            AttemptResult.Refused when yields is not null && error.Kind == UnknownAttemptKind =>
                Preempted(state, yields, limits, now),
            AttemptResult.Failed => new SessionFailed(report.Epoch, error, outcome.Log, now, state.StartedAt),
            _ => Lost(state, error, limits, now),
        };
    }

    /// <summary>The host of the current attempt is gone, and so is the attempt.</summary>
    public static ISessionEvent? HostLost(
        SessionState state, long epoch, string reason, LossLimits limits, DateTimeOffset now)
    {
        if (epoch != state.Epoch || !state.HoldsSlices)
        {
            return null;
        }

        return state.Ended
            ? new SlicesGivenBack(epoch, now)
            : Lost(state, new JobError { Kind = HostLostKind, Message = reason }, limits, now);
    }

    /// <summary>Somebody wants the session to end.</summary>
    public static ISessionEvent? Cancel(SessionState state, string reason, DateTimeOffset now) =>
        state.Exists && !state.Ended ? new SessionCancelled(reason, now, state.StartedAt) : null;

    /// <summary>The client of an interactive session is done with it, or somebody ends it for the client.</summary>
    public static ISessionEvent? Release(SessionState state, string reason, DateTimeOffset now) =>
        state.Phase == JobState.Running
            ? new SessionReleased(reason, now, state.StartedAt)
            : Cancel(state, reason, now);

    /// <summary>An interactive session still waits, and nobody asks for it any more.</summary>
    /// <param name="state">The session.</param>
    /// <param name="heardBy">When somebody must have asked for it; null: nobody has to.</param>
    /// <param name="now">The time.</param>
    public static ISessionEvent? ClientGone(SessionState state, DateTimeOffset? heardBy, DateTimeOffset now) =>
        state.Waiting && now >= heardBy
            ? new SessionCancelled(
                "Its client has gone: nobody has asked for it any more while it waited.", now, state.StartedAt)
            : null;

    /// <summary>The session can't begin, or can't end, by its deadline any more.</summary>
    /// <param name="state">The session.</param>
    /// <param name="latestStart">When it must have begun; null: whenever.</param>
    /// <param name="now">The time.</param>
    public static ISessionEvent? MissedDeadline(SessionState state, DateTimeOffset? latestStart, DateTimeOffset now)
    {
        if (!state.Waiting || latestStart is not { } latest || now < latest)
        {
            return null;
        }

        var message = $"It could not begin by its deadline, {latest.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC: "
            + "there was no room for it in time.";
        return new SessionFailed(
            state.Epoch, new JobError { Kind = DeadlineKind, Message = message }, "", now, state.StartedAt);
    }

    private static ISessionEvent Preempted(SessionState state, string reason, LossLimits limits, DateTimeOffset now) =>
        EndsWithAttempt(state, limits)
            ? EndedWithAttempt(state, new JobError { Kind = PreemptedKind, Message = reason }, now)
            : new AttemptPreempted(state.Epoch, state.Slices[0].Host, reason, now, state.StartedAt);

    /// <summary>An attempt that a client has used can't be repeated without it.</summary>
    private static bool EndsWithAttempt(SessionState state, LossLimits limits) =>
        limits.Interactive && state.Phase == JobState.Running;

    private static SessionFailed EndedWithAttempt(SessionState state, JobError error, DateTimeOffset now) =>
        new(state.Epoch, error with { Message = $"{error.Message} {NotRepeated}" }, "", now, state.StartedAt);

    private static ISessionEvent Lost(SessionState state, JobError error, LossLimits limits, DateTimeOffset now)
    {
        if (EndsWithAttempt(state, limits))
        {
            return EndedWithAttempt(state, error, now);
        }

        var (losses, allowed) = IsHostLoss(error)
            ? (state.HostLosses, limits.MaxHostLosses)
            : (state.AttemptsLost, limits.Retries);
        if (losses >= allowed)
        {
            var last = allowed == 0 ? "" : $" It was attempt {state.Attempts}, the last allowed.";
            var final = error with { Message = error.Message + last };
            return new SessionFailed(state.Epoch, final, "", now, state.StartedAt);
        }

        return new AttemptLost(state.Epoch, state.Slices[0].Host, error, now, state.StartedAt);
    }
}

/// <summary>How often a session is tried again after attempts that were lost by no fault of its own.</summary>
/// <param name="Retries">After attempts that their worker gave up.</param>
/// <param name="MaxHostLosses">After losses of hosts, which are counted apart.</param>
/// <param name="Interactive">Only until a client could use it: then it ends with its attempt.</param>
public readonly record struct LossLimits(int Retries, int MaxHostLosses, bool Interactive = false);
