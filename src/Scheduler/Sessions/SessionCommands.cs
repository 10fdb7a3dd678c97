using System.Text.Json;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Sessions;

/// <summary>Accept this job. Answered by <see cref="JobSubmitted"/> once it is durable.</summary>
/// <param name="Session">The session's id.</param>
/// <param name="Tenant">Whose job it is.</param>
/// <param name="Json">The document, word for word, already checked.</param>
public sealed record SubmitJob(string Session, string Tenant, JsonElement Json) : ISessionMessage
{
    private JobDocument? Known { get; init; }

    /// <summary>The same message with the document as it was read. That does not travel: other nodes read it anew.</summary>
    public SubmitJob With(JobDocument document) => this with { Known = document };

    /// <summary>The document.</summary>
    public JobDocument ReadDocument() => Known ?? JobDocument.Parse(Json).GetDocumentOrThrow();
}

/// <summary>What became of a submission.</summary>
public enum SubmitResult
{
    /// <summary>The job is new.</summary>
    Accepted,

    /// <summary>The same job was there already.</summary>
    Existing,

    /// <summary>Another job has that id.</summary>
    Conflict,
}

/// <summary>Answer to <see cref="SubmitJob"/>.</summary>
public sealed record JobSubmitted(SubmitResult Result, JobStatus Status);

/// <summary>Answered by <see cref="JobStatus"/> or <see cref="NoSuchJob"/>.</summary>
public sealed record GetJob(string Session) : ISessionMessage;

/// <summary>Answered as <see cref="GetJob"/>, but only when the job has ended.</summary>
public sealed record AwaitJob(string Session) : ISessionMessage;

/// <summary>Ends the job, if it has not ended. Answered as <see cref="GetJob"/>.</summary>
public sealed record CancelJob(string Session, string Reason) : ISessionMessage;

/// <summary>
/// Somebody wants an interactive session: how does it stand? Answered by <see cref="SessionFound"/>, or
/// <see cref="NoSuchJob"/> also for a job.
/// </summary>
public sealed record GetSession(string Session) : ISessionMessage;

/// <summary>
/// Answered as <see cref="GetSession"/>, but only when the session has ended, is in another state than
/// <paramref name="After"/>, or has another reason to wait than now.
/// </summary>
/// <param name="Session">Its id.</param>
/// <param name="After">The state that the caller knows of; null: that which it is in.</param>
/// <param name="UntilUsable">
/// Whatever its state was: only when it runs, has ended, or waits for a reason that can be told. For who has just asked for it.
/// </param>
public sealed record AwaitSession(string Session, JobState? After, bool UntilUsable = false) : ISessionMessage;

/// <summary>Ends an interactive session, if it has not ended. Answered as <see cref="GetSession"/>.</summary>
public sealed record EndSession(string Session, string Reason) : ISessionMessage;

/// <summary>How an interactive session stands.</summary>
/// <param name="Status">For its client, without a grant.</param>
/// <param name="Endpoint">Where it is reached; null: nowhere now.</param>
/// <param name="EndsAt">When its time is over; null: it has not begun.</param>
public sealed record SessionFound(SessionStatus Status, SessionEndpoint? Endpoint, DateTimeOffset? EndsAt);

/// <summary>Answered by <see cref="JobDocumentFound"/> or <see cref="NoSuchJob"/>.</summary>
public sealed record GetDocument(string Session) : ISessionMessage;

/// <summary>The document, word for word.</summary>
public sealed record JobDocumentFound(JsonElement Document);

/// <summary>There is no such job.</summary>
public sealed record NoSuchJob(string Session);

/// <summary>
/// The sender gets <see cref="JobEventsSubscribed"/> or <see cref="NoSuchJob"/>, and from then on the job's
/// <see cref="JobEvent"/>s behind sequence <paramref name="After"/>, those that happened before included as far as they
/// are kept.
/// </summary>
public sealed record SubscribeJobEvents(string Session, long After) : ISessionMessage;

/// <summary>Answer to <see cref="SubscribeJobEvents"/>.</summary>
/// <param name="NoMore">The job has ended, and its last event is not behind what was asked for.</param>
public sealed record JobEventsSubscribed(bool NoMore);

/// <summary>Slices were reserved for the session, durably.</summary>
/// <param name="Session">Its id.</param>
/// <param name="Epoch">Of the reservation.</param>
/// <param name="Slices">The slices.</param>
/// <param name="Cell">The cell that reserved them; null: the pool's cell 0.</param>
public sealed record SlicesReserved(
    string Session, long Epoch, SliceGrant[] Slices, string? Cell = null) : ISessionMessage;

/// <summary>Nothing fits at present, for <paramref name="Reason"/>.</summary>
public sealed record SessionWaits(string Session, string Reason) : ISessionMessage;

/// <summary>The slices' host is gone, and the attempt with it.</summary>
public sealed record SlicesLost(string Session, long Epoch, string Reason) : ISessionMessage;

/// <summary>
/// The session has to leave its slices for others, within the grace that its terms give it. Sent again until they are free.
/// </summary>
/// <param name="Session">Its id.</param>
/// <param name="Epoch">The attempt that has to end; another one need not.</param>
/// <param name="Reason">For whom and why, for people.</param>
public sealed record YieldSlices(string Session, long Epoch, string Reason) : ISessionMessage;

/// <summary>The cell has slices reserved for the session and asks whether they are still wanted.</summary>
/// <param name="Session">Its id.</param>
/// <param name="Epoch">Of the reservation.</param>
/// <param name="Slices">The slices.</param>
/// <param name="Cell">The cell; null: the pool's cell 0.</param>
public sealed record ConfirmSlices(
    string Session, long Epoch, SliceGrant[] Slices, string? Cell = null) : ISessionMessage;

/// <summary>A worker says that it holds an attempt of the session.</summary>
public sealed record AttemptHeld(string Session, long Epoch, string Host) : ISessionMessage;
