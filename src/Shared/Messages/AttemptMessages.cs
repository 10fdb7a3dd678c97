using System.Text.Json;
using System.Text.Json.Serialization;
using GpuActors.Shared.Api;

namespace GpuActors.Shared.Messages;

/// <summary>A message about one session, addressed by its id, <c>TENANT/JOBID</c>.</summary>
public interface ISessionMessage
{
    /// <summary>The session's id, <c>TENANT/JOBID</c>.</summary>
    string Session { get; }
}

/// <summary>
/// Scheduler to worker: run this job on these slices. Sent again until <see cref="AttemptStarted"/>,
/// <see cref="AttemptEnded"/> or the loss of the host answers it; the worker starts an epoch once.
/// </summary>
/// <param name="Session">The session's id.</param>
/// <param name="Tenant">The tenant: an executor serves one tenant only.</param>
/// <param name="Epoch">The attempt's epoch.</param>
/// <param name="Slices">What the attempt owns, at least one, all on the addressed host.</param>
/// <param name="Document">The job document as it was accepted.</param>
/// <param name="TimeLimit">How long the attempt may run from its start.</param>
public sealed record StartAttempt(
    string Host, string Session, string Tenant, long Epoch, SliceGrant[] Slices, JsonElement Document, TimeSpan TimeLimit)
    : IHostMessage;

/// <summary>Scheduler to worker: end this attempt, for <paramref name="Reason"/>. Answered by an ended attempt.</summary>
public sealed record StopAttempt(string Host, string Session, long Epoch, string Reason) : IHostMessage;

/// <summary>
/// Scheduler to worker: this attempt should be there. A worker that does not know it answers that it has ended.
/// </summary>
public sealed record ConfirmAttempt(string Host, string Session, long Epoch) : IHostMessage;

/// <summary>Scheduler to worker: the end was made durable (or is of no interest any more); forget it.</summary>
public sealed record AttemptEndedAck(string Host, string Session, long Epoch) : IHostMessage;

/// <summary>Worker to scheduler: an executor has begun.</summary>
/// <param name="Session">The session's id.</param>
/// <param name="Epoch">The attempt's epoch.</param>
/// <param name="RunningFor">How long ago it began, by the worker's clock.</param>
/// <param name="Endpoint">Of an interactive session: where its client connects; null: it is none.</param>
public sealed record AttemptStarted(string Session, long Epoch, TimeSpan RunningFor, SessionEndpoint? Endpoint = null)
    : ISessionMessage;

/// <summary>Where the client of an interactive session connects: the worker's gateway for that attempt.</summary>
/// <param name="Address"><c>HOST:PORT</c>.</param>
/// <param name="Fingerprint">SHA-256 of the certificate that the gateway shows, in hexadecimal; null: no TLS.</param>
/// <param name="LocalSocket">Path of a Unix socket for clients on the same machine; null: there is none.</param>
/// <param name="Machine">Tells whether a client is on the same machine: random, another after each boot.</param>
public sealed record SessionEndpoint(string Address, string? Fingerprint, string? LocalSocket, string Machine);

/// <summary>Worker to scheduler: steps done so far; may be lost, never goes back within an attempt.</summary>
public sealed record AttemptProgress(string Session, long Epoch, long StepsDone, long StepsTotal) : ISessionMessage;

/// <summary>Worker to scheduler: lines that the job's kernels printed; may be lost.</summary>
public sealed record AttemptLog(string Session, long Epoch, string Text) : ISessionMessage;

/// <summary>
/// Worker to scheduler: the attempt has ended and its slices are free. Sent again until <see cref="AttemptEndedAck"/>.
/// </summary>
public sealed record AttemptEnded(string Session, long Epoch, AttemptOutcome Outcome) : ISessionMessage;

/// <summary>How an attempt ended.</summary>
public enum AttemptResult
{
    /// <summary>All steps done, all outputs stored.</summary>
    Completed,

    /// <summary>The job itself is at fault (its kernel crashed, for example); another attempt would end the same way.</summary>
    Failed,

    /// <summary>Ended on the scheduler's word.</summary>
    Stopped,

    /// <summary>The worker could not run it (older epoch, unknown device, shutting down); no fault of the job.</summary>
    Refused,
}

/// <summary>The end of an attempt with its outputs or its error.</summary>
/// <param name="Result">How it ended.</param>
/// <param name="Error">What happened; null when completed.</param>
/// <param name="Outputs">The outputs; empty unless completed.</param>
/// <param name="Log">What the kernels printed, bounded.</param>
/// <param name="RunTime">From the executor's begin to the end.</param>
public sealed record AttemptOutcome(
    AttemptResult Result, JobError? Error, AttemptOutput[] Outputs, string Log, TimeSpan RunTime);

/// <summary>One output: its content's address, and the content itself when it is small.</summary>
/// <param name="Output">Name, address and size.</param>
/// <param name="Inline">The content, when it was small enough to travel here; otherwise it was uploaded before.</param>
public sealed record AttemptOutput(
    JobOutput Output,

    // Generated code writes a null array as an empty string, so null has to be left out.
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte[]? Inline = null);
