using System.Text.Json;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Sessions;

/// <summary>What the API tells of a session, made of what is known of it.</summary>
public static class SessionReport
{
    /// <summary>The job's status.</summary>
    /// <param name="state">What the journal says.</param>
    /// <param name="document">The job's document.</param>
    /// <param name="progress">The last report of the current attempt.</param>
    /// <param name="waitReason">Why it waits, if it does and the reason is known.</param>
    /// <param name="queue">The queue that it is charged to.</param>
    public static JobStatus Status(
        SessionState state, JobDocument document, JobProgress progress, string? waitReason, string? queue = null) => new()
        {
            Id = state.Accepted!.JobId,
            Tenant = state.Accepted.Tenant,
            State = state.Phase,
            Reason = Reason(state, waitReason),
            Priority = document.Priority,
            Queue = queue,
            Class = document.Class,
            Preemptions = state.Preemptions,
            Attempt = state.Attempts,
            Epoch = state.Epoch,
            Slices = state.HoldsSlices && !state.Ended ? [.. state.Slices.Select(Placed)] : [],
            Progress = progress,
            SubmittedAt = state.Accepted.At,
            StartedAt = state.StartedAt,
            EndedAt = state.EndedAt,
            Error = state.Phase == JobState.Failed ? state.Error : null,
            Outputs = state.Outputs,
            Labels = document.Labels,
        };

    /// <summary>An interactive session's status, without its grant.</summary>
    /// <param name="state">What the journal says.</param>
    /// <param name="document">The request.</param>
    /// <param name="waitReason">Why it waits, if it does and the reason is known.</param>
    /// <param name="queue">The queue that it is charged to.</param>
    public static SessionStatus SessionStatus(
        SessionState state, JobDocument document, string? waitReason, string? queue = null) => new()
        {
            Id = state.Accepted!.JobId,
            Tenant = state.Accepted.Tenant,
            State = state.Phase,
            Reason = state.Phase == JobState.Completed ? Words(state.Log) : Reason(state, waitReason),
            Gpu = GpuOf(state.Accepted.Document),
            Slices = state.HoldsSlices && !state.Ended ? [.. state.Slices.Select(Placed)] : [],
            Host = state.Slices is [var first, ..] ? first.Host : null,
            Epoch = state.Epoch,
            Priority = document.Priority,
            Queue = queue,
            Class = document.Class,
            CreatedAt = state.Accepted.At,
            StartedAt = state.StartedAt,
            EndedAt = state.EndedAt,
            Error = state.Phase == JobState.Failed ? state.Error : null,
            Labels = document.Labels,
        };

    /// <inheritdoc cref="ForList(JobStatus)"/>
    public static SessionStatus ForList(SessionStatus status) => status with
    {
        Error = status.Error is { } error ? error with { Log = null } : null,
    };

    /// <summary>The status as lists show it: without what may be long.</summary>
    public static JobStatus ForList(JobStatus status) => status with
    {
        Outputs = [],
        Error = status.Error is { } error ? error with { Log = null } : null,
    };

    /// <summary>The session's change as an event for those who watch it.</summary>
    public static JobStateEvent StateEvent(SessionState state, string? waitReason) => new()
    {
        At = state.UpdatedAt,
        Attempt = state.Attempts,
        State = state.Phase,
        Reason = Reason(state, waitReason),
        Epoch = state.Epoch,
        Slices = state.HoldsSlices && !state.Ended ? [.. state.Slices.Select(Placed)] : [],
        Error = state.Phase == JobState.Failed ? state.Error : null,
    };

    private static string? Reason(SessionState state, string? waitReason) => state.Phase switch
    {
        JobState.Queued => state.Preempted is null ? waitReason : $"{state.Preempted} {waitReason}".TrimEnd(),
        JobState.Running or JobState.Placed => waitReason,
        JobState.Recovering => waitReason is null ? state.Error?.Message : $"{state.Error?.Message} {waitReason}",
        JobState.Cancelled or JobState.Failed => state.Error?.Message,
        _ => null,
    };

    private static string? Words(string log) => log.Trim() is { Length: > 0 } words ? words : null;

    private static JsonElement? GpuOf(JsonElement document) =>
        document.ValueKind == JsonValueKind.Object && document.TryGetProperty("gpu", out var gpu) ? gpu : null;

    private static PlacedSlice Placed(Shared.Messages.SliceGrant slice) => new()
    {
        Slice = slice.Name,
        Host = slice.Host,
        Gpu = $"{slice.Host}/{slice.GpuIndex}",
        MemoryBytes = slice.MemoryBytes,
        ComputePercent = slice.ComputePercent,
    };
}
