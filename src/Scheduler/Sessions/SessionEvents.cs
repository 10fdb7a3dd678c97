using System.Text.Json;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Sessions;

/// <summary>What has happened to a session, as its journal says. Times are the scheduler's.</summary>
public interface ISessionEvent
{
    /// <summary>When it was decided.</summary>
    DateTimeOffset At { get; }
}

/// <summary>The job was accepted; from here on it is never lost.</summary>
/// <param name="Document">The job document, word for word.</param>
/// <param name="ContentHash">Tells the same document sent again from another one under the same id.</param>
public sealed record JobAccepted(
    string Tenant, string JobId, JsonElement Document, string ContentHash, DateTimeOffset At) : ISessionEvent;

/// <summary>Slices were reserved for an attempt.</summary>
public sealed record SessionPlaced(long Epoch, SliceGrant[] Slices, DateTimeOffset At) : ISessionEvent;

/// <summary>
/// An executor runs the attempt. Written only for attempts that run for a while; otherwise the attempt's end tells when
/// it started, and that is one write less.
/// </summary>
/// <param name="Endpoint">Where the client of an interactive session connects; null: it is none.</param>
public sealed record SessionStarted(long Epoch, DateTimeOffset At, SessionEndpoint? Endpoint = null) : ISessionEvent;

/// <summary>The attempt is gone by no fault of the job: its host was lost or ended it. The session waits for another.</summary>
public sealed record AttemptLost(
    long Epoch, string Host, JobError Error, DateTimeOffset At, DateTimeOffset? StartedAt = null) : ISessionEvent;

/// <summary>The attempt was ended to make room for others. The session waits for another; that uses up no retry.</summary>
public sealed record AttemptPreempted(
    long Epoch, string Host, string Reason, DateTimeOffset At, DateTimeOffset? StartedAt = null) : ISessionEvent;

/// <summary>The one result.</summary>
public sealed record SessionCompleted(
    long Epoch, JobOutput[] Outputs, string Log, TimeSpan RunTime, DateTimeOffset At, DateTimeOffset? StartedAt = null)
    : ISessionEvent;

/// <summary>The session ended without a result.</summary>
/// <param name="Epoch">The attempt that failed; 0 if none was made.</param>
public sealed record SessionFailed(
    long Epoch, JobError Error, string Log, DateTimeOffset At, DateTimeOffset? StartedAt = null) : ISessionEvent;

/// <summary>The session was ended on somebody's word.</summary>
public sealed record SessionCancelled(string Reason, DateTimeOffset At, DateTimeOffset? StartedAt = null) : ISessionEvent;

/// <summary>An interactive session has ended well, because its client or somebody for it said that it is done.</summary>
public sealed record SessionReleased(string Reason, DateTimeOffset At, DateTimeOffset? StartedAt = null) : ISessionEvent;

/// <summary>The slices of an ended session are free: its worker said so, or its host is gone.</summary>
public sealed record SlicesGivenBack(long Epoch, DateTimeOffset At) : ISessionEvent;
