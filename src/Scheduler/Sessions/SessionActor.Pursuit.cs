using GpuActors.Actors;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Queueing;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Sessions;

/// <content>What follows from a state, and how a state is kept and shown.</content>
public sealed partial class SessionActor
{
    private string Pool => _document.Gpu.Pool;

    /// <summary>Does what the state asks for, and again until something changes it.</summary>
    /// <param name="done">It was done already: only again, later.</param>
    private void PursueState(bool done = false)
    {
        if (_state.Waiting)
        {
            PursueWaiting();
        }
        else if (IsYielding)
        {
            PursueYielding();
        }
        else if (_state.Phase == JobState.Placed)
        {
            if (!done)
            {
                _regions.Hosts.Tell(StartAttempt(_state), Self);
            }

            PursueAgainIn(_settings.ResendInterval);
        }
        else if (_state.Ended && _state.HoldsSlices)
        {
            var reason = _state.Error?.Message ?? "The session has ended.";
            _regions.Hosts.Tell(new StopAttempt(_state.Slices[0].Host, _session, _state.Epoch, reason), Self);
            PursueAgainIn(_settings.ResendInterval);
        }
        else if (_unwanted is var (epoch, host))
        {
            _regions.Hosts.Tell(new StopAttempt(host, _session, epoch, "The session has ended."), Self);
            PursueAgainIn(_settings.ResendInterval);
        }
        else
        {
            Timers.Cancel(Pursue.Instance);
        }

        if (_state.Ended || !_state.Exists)
        {
            Context.SetReceiveTimeout(_settings.KeepEnded);
        }
    }

    private void PursueAgainIn(TimeSpan delay) => Timers.StartSingleTimer(Pursue.Instance, Pursue.Instance, delay);

    private StartAttempt StartAttempt(SessionState placed) => new(
        placed.Slices[0].Host,
        _session,
        placed.Accepted!.Tenant,
        placed.Epoch,
        placed.Slices,
        placed.Accepted.Document,
        TimeLimit);

    private void PassivateIfIdle()
    {
        if ((_state.Ended && !_state.HoldsSlices && _unwanted is null && _watchers.None) || !_state.Exists)
        {
            Context.Parent.Tell(new Passivate(PoisonPill.Instance));
        }
    }

    private void Release(long epoch, bool hostLost = false)
    {
        _unwanted = _unwanted?.Epoch == epoch ? null : _unwanted;
        if (_state.Exists)
        {
            _regions.TellCell(Pool, new ReleaseSlices(_session, epoch, hostLost), Self);
        }
    }

    private void Restore(ISessionEvent happened) => Adopt(_state.Apply(happened));

    private void Adopt(SessionState next)
    {
        if (_document is null)
        {
            _document = JobDocument.Parse(next.Accepted!.Document).Document
                ?? throw new InvalidOperationException($"The accepted document of session {_session} can't be read.");
        }

        var changed = !_state.Exists || next.Phase != _state.Phase || next.Epoch != _state.Epoch;
        _progress = next.Epoch == _state.Epoch ? _progress : default;
        if (next.Phase == JobState.Completed)
        {
            var steps = _document.CountSteps();
            _progress = new JobProgress(steps, steps);
        }

        _waitReason = next.Waiting && _state.Waiting ? _waitReason : null;
        _yielding = next.Epoch == _yielding?.Epoch && next.HoldsSlices ? _yielding : null;
        _regions.Waiting.Change(_state.Waiting, next.Waiting);
        _regions.SessionCounts.Change(PhaseOf(_state), PhaseOf(next));
        _state = next;
        if (changed)
        {
            _watchers.Publish(SessionReport.StateEvent(_state, _waitReason));
        }

        if (_state.Ended)
        {
            _watchers.Ended(Status());
        }

        TellAskers();
    }

    private static JobState? PhaseOf(SessionState state) => state.Exists ? state.Phase : null;

    private JobStatus Status() => SessionReport.Status(_state, _document, _progress, _waitReason, QueueOf(_state));

    private object StatusOrNone() => _state.Exists ? Status() : new NoSuchJob(_session);

    private EntityIndexEntry IndexEntry(SessionState state) => new()
    {
        Kind = _document.Interactive is null ? IndexKind : InteractiveIndexKind,
        Id = _session,
        Tenant = state.Accepted!.Tenant,
        Status = state.Phase.ToString(),
        IsOpen = !state.Ended || state.HoldsSlices,
        CreatedAt = state.Accepted.At,
        UpdatedAt = state.UpdatedAt,
        Data = IndexData(state),
    };

    private sealed record RecordStart
    {
        public static readonly RecordStart Instance = new();
    }

    private sealed record Pursue
    {
        public static readonly Pursue Instance = new();
    }
}
