using System.Text.Json;
using GpuActors.Actors;
using GpuActors.Actors.Persistence;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Queueing;
using GpuActors.Shared.Api;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Sessions;

/// <summary>
/// One job from its acceptance to its one result. What is decided is in <see cref="SessionRules"/>; here is what
/// follows from each state: a waiting session announces itself to its queue, a placed one tells the worker to start, an
/// ended one that still holds slices tells the worker to stop, and each of these is repeated until it is answered. So
/// any message may be lost, and after a restart the journal alone tells how to go on.
/// </summary>
public sealed partial class SessionActor : ReceivePersistentActor, IWithTimers
{
    /// <summary>The kind of the entity index in which jobs are listed.</summary>
    public const string IndexKind = "session";

    /// <summary>The kind of the entity index in which interactive sessions are listed.</summary>
    public const string InteractiveIndexKind = "interactive";

    private static readonly TimeSpan RecordStartAfter = TimeSpan.FromMilliseconds(500);

    private readonly string _session;
    private readonly SchedulerRegions _regions;
    private readonly SchedulerSessionSettings _settings;
    private readonly SessionWatchers _watchers;
    private readonly TimeProvider _time;
    private SessionState _state = SessionState.Empty;
    private JobDocument _document = null!;
    private JobProgress _progress;
    private string? _waitReason;
    private SessionStarted? _unrecordedStart;
    private (long Epoch, string Host)? _unwanted;

    /// <summary>The session <paramref name="session"/>, <c>TENANT/JOBID</c>.</summary>
    public SessionActor(
        string session, SchedulerRegions regions, SchedulerSessionSettings settings, QueueTreeSettings queues)
    {
        _session = session;
        _queues = queues;
        _regions = regions;
        _settings = settings;
        _time = Context.System.Runtime.Time;
        _heardAt = Now;
        _watchers = new SessionWatchers(settings.EventBuffer, settings.MaxWatchers);
        RecoverEvents();
        CommandsOfClients();
        CommandsOfSessionClients();
        CommandsOfCell();
        CommandsOfWorker();
        Command<Pursue>(_ => PursueState());
        Command<ReceiveTimeout>(_ => PassivateIfIdle());
        Command<Terminated>(gone => _watchers.Remove(gone.ActorRef));
    }

    /// <inheritdoc/>
    public override string PersistenceId => $"session-{_session}";

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void OnReplaySuccess() => PursueState();

    /// <inheritdoc/>
    protected override IReadOnlyList<string> TagsOf(object @event) => @event is ISessionEvent happened
        ? EventTags.Of((happened as JobAccepted ?? _state.Accepted)!.Tenant, happened)
        : [];

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _regions.Waiting.Change(_state.Waiting, false);
        _regions.SessionCounts.Change(PhaseOf(_state), null);
    }

    private void RecoverEvents()
    {
        Recover<JobAccepted>(Restore);
        Recover<SessionPlaced>(Restore);
        Recover<SessionStarted>(Restore);
        Recover<AttemptLost>(Restore);
        Recover<AttemptPreempted>(Restore);
        Recover<SessionCompleted>(Restore);
        Recover<SessionFailed>(Restore);
        Recover<SessionCancelled>(Restore);
        Recover<SessionReleased>(Restore);
        Recover<SlicesGivenBack>(Restore);
    }

    private void CommandsOfClients()
    {
        Command<SubmitJob>(OnSubmit);
        Command<GetJob>(_ => Sender.Tell(StatusOrNone()));
        Command<AwaitJob>(_ => OnAwait());
        Command<GetDocument>(_ => Sender.Tell(
            _state.Accepted is { } accepted ? new JobDocumentFound(accepted.Document) : new NoSuchJob(_session)));
        Command<CancelJob>(cancel => Record(SessionRules.Cancel(_state, cancel.Reason, Now), StatusOrNone));
        Command<SubscribeJobEvents>(OnSubscribe);
    }

    private void CommandsOfCell()
    {
        Command<SlicesReserved>(reserved => OnSlices(reserved.Epoch, reserved.Slices));
        Command<ConfirmSlices>(confirm => OnSlices(confirm.Epoch, confirm.Slices));
        Command<SlicesLost>(lost => Record(
            SessionRules.HostLost(_state, lost.Epoch, lost.Reason, Limits, Now), null, lost.Epoch));
        Command<SessionWaits>(OnWaits);
        Command<YieldSlices>(OnYield);
    }

    private void CommandsOfWorker()
    {
        Command<AttemptStarted>(OnStarted);
        Command<RecordStart>(_ => RecordStartIfRunning());
        Command<AttemptProgress>(OnProgress);
        Command<AttemptLog>(OnLog);
        Command<AttemptEnded>(OnEnded);
        Command<AttemptHeld>(OnHeld);
    }

    private DateTimeOffset Now => _time.GetUtcNow();

    private LossLimits Limits => new(
        _state.Exists ? _document.Retries : 0, _settings.MaxHostLosses, Terms is not null);

    private void OnSubmit(SubmitJob submit)
    {
        _heardAt = Now;
        var document = submit.ReadDocument();
        var hash = document.ContentHash;
        if (_state.Accepted is { } accepted)
        {
            var same = accepted.ContentHash == hash;
            Sender.Tell(new JobSubmitted(same ? SubmitResult.Existing : SubmitResult.Conflict, Status()));
            return;
        }

        var happened = new JobAccepted(submit.Tenant, document.Id, submit.Json, hash, Now);
        _document = document;
        Record(happened, () => new JobSubmitted(SubmitResult.Accepted, Status()));
    }

    private void OnAwait()
    {
        if (_state.Exists && !_state.Ended)
        {
            _watchers.Await(Sender);
        }
        else
        {
            Sender.Tell(StatusOrNone());
        }
    }

    private void OnSubscribe(SubscribeJobEvents subscribe)
    {
        if (!_state.Exists)
        {
            Sender.Tell(new NoSuchJob(_session));
            return;
        }

        Sender.Tell(new JobEventsSubscribed(_state.Ended && subscribe.After >= _watchers.LastSequence));
        Context.Watch(Sender);
        _watchers.Subscribe(Sender, subscribe.After);
    }

    private void OnSlices(long epoch, SliceGrant[] slices)
    {
        if (_state.Waiting && epoch > _state.Epoch)
        {
            // The cell's reservation is durable, so the attempt may begin while the placement is being written: should
            // that write be lost, the cell will offer the same slices under the same epoch again.
            var placed = new SessionPlaced(epoch, slices, Now);
            _regions.Hosts.Tell(StartAttempt(_state.Apply(placed)), Self);
            Record(placed, pursued: true);
        }
        else if (_state.Ended && epoch > _state.Epoch)
        {
            // It was cancelled while it waited. But it may have had these slices already and have begun, if only the
            // write of the placement was lost: its worker knows, and its answer gives the slices back.
            _unwanted = (epoch, slices[0].Host);
            PursueState();
        }
        else if (epoch != _state.Epoch || !_state.HoldsSlices)
        {
            Release(epoch, Array.Exists(slices, slice => _state.LostHosts.Contains(slice.Host)));
        }
        else if (_state.Phase == JobState.Running)
        {
            // The word that its host was lost may itself have been lost.
            _regions.Hosts.Tell(new ConfirmAttempt(_state.Slices[0].Host, _session, epoch), Self);
        }
    }

    private void OnWaits(SessionWaits waits)
    {
        if (!_state.Waiting)
        {
            _regions.TellQueue(Pool, new WithdrawSession(_session), Self);
        }
        else if (_waitReason != waits.Reason)
        {
            _waitReason = waits.Reason;
            _watchers.Publish(SessionReport.StateEvent(_state, _waitReason) with { At = Now });
            TellAskers();
        }
    }

    private void OnProgress(AttemptProgress report)
    {
        if (report.Epoch == _state.Epoch && !_state.Ended && report.StepsDone > _progress.StepsDone)
        {
            _progress = new JobProgress(report.StepsDone, report.StepsTotal);
            var happened = new JobProgressEvent { At = Now, Attempt = _state.Attempts, Progress = _progress };
            _watchers.Publish(happened);
        }
    }

    private void OnLog(AttemptLog log)
    {
        if (log.Epoch == _state.Epoch && !_state.Ended)
        {
            var happened = new JobLogEvent { At = Now, Attempt = _state.Attempts, Text = log.Text };
            _watchers.Publish(happened);
        }
    }

    /// <summary>
    /// Takes effect at once, and is written down if the attempt still runs a little later. Where the client of a session
    /// connects is written down before anybody is told.
    /// </summary>
    private void OnStarted(AttemptStarted report)
    {
        if (SessionRules.Started(_state, report, Now) is SessionStarted started)
        {
            if (Terms is not null)
            {
                Record(started);
                return;
            }

            _unrecordedStart = started;
            Adopt(_state.Apply(started));
            PursueState();
            Timers.StartSingleTimer(RecordStart.Instance, RecordStart.Instance, RecordStartAfter);
        }
    }

    private void RecordStartIfRunning()
    {
        if (_state.Phase == JobState.Running && _unrecordedStart?.Epoch == _state.Epoch)
        {
            PersistWith(_unrecordedStart, _ => { }, IndexEntry(_state));
            _unrecordedStart = null;
        }
    }

    private void OnEnded(AttemptEnded ended)
    {
        if (SessionRules.IsAhead(_state, ended.Epoch))
        {
            return;
        }

        var worker = Sender;
        var host = _state.Slices.Length > 0 ? _state.Slices[0].Host : "";
        var report = SessionBlobs.FirstCorrupt(ended.Outcome.Outputs) is { } output ? Corrupt(ended, output) : ended;
        var yields = _yielding?.Epoch == ended.Epoch ? _yielding.Reason : null;
        Record(SessionRules.Ended(_state, report, Limits, Now, yields), null, ended.Epoch, ended.Outcome.Outputs, () =>
            worker.Tell(new AttemptEndedAck(host, _session, ended.Epoch)));
    }

    private static AttemptEnded Corrupt(AttemptEnded ended, string output) => ended with
    {
        Outcome = ended.Outcome with
        {
            Result = AttemptResult.Refused,
            Error = new JobError { Kind = "corruptOutput", Message = $"Output '{output}' did not arrive as it was sent." },
        },
    };

    /// <summary>The worker runs something that is not this session's current attempt any more: it must end it.</summary>
    private void OnHeld(AttemptHeld held)
    {
        if (!SessionRules.IsAhead(_state, held.Epoch) && (held.Epoch != _state.Epoch || _state.Ended))
        {
            _regions.Hosts.Tell(new StopAttempt(held.Host, _session, held.Epoch, "It is not the current attempt."), Self);
        }
    }

    /// <summary>
    /// Persists <paramref name="happened"/> with what the index and the blob store must know in the same transaction,
    /// then does what follows from the new state.
    /// </summary>
    /// <param name="happened">The event; null if nothing changes.</param>
    /// <param name="answer">The answer to the sender, made when the event is durable.</param>
    /// <param name="releases">The epoch whose slices are free, whether anything changes or not.</param>
    /// <param name="outputs">Outputs whose inline content must be stored.</param>
    /// <param name="then">Anything else to do when durable.</param>
    /// <param name="pursued">What the new state asks for was done already.</param>
    private void Record(
        ISessionEvent? happened,
        Func<object>? answer = null,
        long releases = 0,
        AttemptOutput[]? outputs = null,
        Action? then = null,
        bool pursued = false)
    {
        var sender = Sender;
        if (happened is null)
        {
            Finish();
            return;
        }

        var next = _state.Apply(happened);
        var blobs = happened is SessionCompleted ? SessionBlobs.Of(next.Accepted!.Tenant, outputs ?? []) : [];
        PersistWith(
            happened,
            _ =>
            {
                if (next.Ended && !_state.Ended)
                {
                    _regions.SessionCounts.Ended(next.Phase);
                }

                if (next.Ended && _state.Waiting)
                {
                    _regions.TellQueue(Pool, new WithdrawSession(_session), Self);
                }

                Adopt(next);
                Finish();
                PursueState(pursued);
            },
            IndexEntry(next),
            blobs);

        void Finish()
        {
            if (answer is not null)
            {
                sender.Tell(answer());
            }

            if (releases > 0)
            {
                Release(releases, SessionRules.IsHostLoss(happened));
            }

            then?.Invoke();
        }
    }
}
