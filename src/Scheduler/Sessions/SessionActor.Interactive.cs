using System.Text.Json;
using GpuActors.Actors;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Sessions;

/// <content>
/// What a session does that a client drives: it tells how it stands and where it is reached, notices that nobody asks any
/// more while it waits, and ends when its client is done.
/// </content>
public sealed partial class SessionActor
{
    private readonly List<Asker> _askers = [];
    private DateTimeOffset _heardAt;

    private InteractiveTerms? Terms => _state.Exists ? _document.Interactive : null;

    /// <summary>How long an attempt may run when nothing but its document limits it.</summary>
    private TimeSpan OwnTimeLimit => _document.TimeLimit
        ?? (_document.Interactive is null ? _settings.DefaultTimeLimit : _settings.MaxTimeLimit);

    private void CommandsOfSessionClients()
    {
        Command<GetSession>(_ =>
        {
            _heardAt = Now;
            Sender.Tell(FoundOrNone());
        });
        Command<AwaitSession>(OnAwaitSession);
        Command<EndSession>(end =>
        {
            if (Terms is null)
            {
                Sender.Tell(new NoSuchJob(_session));
                return;
            }

            Record(SessionRules.Release(_state, end.Reason, Now), FoundOrNone);
        });
    }

    private void OnAwaitSession(AwaitSession ask)
    {
        _heardAt = Now;
        var asker = new Asker(Sender, _state.Phase, _waitReason, ask.UntilUsable);
        if (Terms is null || _state.Ended
            || (ask.UntilUsable ? IsNewsTo(asker) : (ask.After ?? _state.Phase) != _state.Phase))
        {
            Sender.Tell(FoundOrNone());
            return;
        }

        // Who asks may have given up long ago; the newest are most likely still there.
        if (_askers.Count >= _settings.MaxWatchers)
        {
            _askers.RemoveAt(0);
        }

        _askers.Add(asker);
    }

    /// <summary>Answers those who wait for something else than what they know.</summary>
    private void TellAskers()
    {
        if (_askers.Count == 0)
        {
            return;
        }

        var answer = FoundOrNone();
        _askers.RemoveAll(asker =>
        {
            var isNews = IsNewsTo(asker);
            if (isNews)
            {
                asker.Who.Tell(answer);
            }

            return isNews;
        });
    }

    private bool IsNewsTo(Asker asker) => _state.Ended || (asker.UntilUsable
        ? _state.Phase == JobState.Running || (_state.Waiting && _waitReason is not null)
        : asker.Phase != _state.Phase || asker.WaitReason != _waitReason);

    /// <summary>When somebody must have asked for it; null: nobody has to, or it does not wait.</summary>
    private DateTimeOffset? HeardBy => _state.Waiting && Terms?.Patience is { } patience ? _heardAt + patience : null;

    private object FoundOrNone() => Terms is null ? new NoSuchJob(_session) : new SessionFound(
        SessionReport.SessionStatus(_state, _document, _waitReason, QueueOf(_state)),
        _state.Phase == JobState.Running ? _state.Endpoint : null,
        EndsAt);

    private DateTimeOffset? EndsAt
    {
        get
        {
            var limit = _state.StartedAt + OwnTimeLimit;
            return EndBy is { } end && end < limit ? end : limit;
        }
    }

    private byte[] IndexData(SessionState state) => _document.Interactive is null
        ? JsonSerializer.SerializeToUtf8Bytes(
            SessionReport.ForList(SessionReport.Status(state, _document, _progress, null, QueueOf(state))),
            ApiJsonContext.Default.JobStatus)
        : JsonSerializer.SerializeToUtf8Bytes(
            SessionReport.ForList(SessionReport.SessionStatus(state, _document, null, QueueOf(state))),
            ApiJsonContext.Default.SessionStatus);

    private sealed record Asker(IActorRef Who, JobState Phase, string? WaitReason, bool UntilUsable);
}
