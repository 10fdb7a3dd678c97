using GpuActors.Actors;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Api;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Sessions;

/// <content>What a session says to its queue, and what it does on its queue's word.</content>
public sealed partial class SessionActor
{
    private readonly QueueTreeSettings _queues;
    private Yielding? _yielding;

    private string QueueOf(SessionState state) => _document.Queue ?? _queues.QueueOf(state.Accepted!.Tenant);

    private bool IsYielding => _yielding is not null && _yielding.Epoch == _state.Epoch && !_state.Ended;

    private DateTimeOffset? EndBy => _document.Deadline?.EndBy?.For(_state.Accepted!.At);

    /// <summary>When it must have begun: one that has begun before must only be able to end.</summary>
    private DateTimeOffset? LatestStart
    {
        get
        {
            var startBy = _state.StartedAt is null ? _document.Deadline?.StartBy?.For(_state.Accepted!.At) : null;
            return startBy is null || EndBy < startBy ? EndBy : startBy;
        }
    }

    /// <summary>How long an attempt may run that starts now.</summary>
    private TimeSpan TimeLimit
    {
        get
        {
            var limit = OwnTimeLimit;
            var left = EndBy is { } end ? end - Now : limit;
            return left >= limit ? limit : left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1);
        }
    }

    private HostNeeds Needs => field ??= HostNeeds.Of(_document, _state.Accepted!.Tenant);

    private WaitingSession Waiting() => new(
        _session, _document.Gpu, _document.Priority, _state.Accepted!.At, _state.LostHosts)
    {
        Needs = Needs,
        HostDemand = new ResourceVector(0, 0, Needs.CpuMilli, Needs.MemoryBytes),
        LatestStart = LatestStart,
        Terms = new QueueTerms
        {
            Tenant = _state.Accepted.Tenant,
            Queue = QueueOf(_state),
            Class = _document.Class,
            Priority = _document.Priority,
            Preemptible = _document.Preemptible ?? (_queues.Preemptible ? true : null),
            Grace = _document.Grace ?? _queues.Grace,
            TimeLimit = OwnTimeLimit,
        },
    };

    private void PursueWaiting()
    {
        if (SessionRules.MissedDeadline(_state, LatestStart, Now) is { } missed)
        {
            Record(missed);
            return;
        }

        if (SessionRules.ClientGone(_state, HeardBy, Now) is { } gone)
        {
            Record(gone);
            return;
        }

        _regions.TellQueue(Pool, new EnqueueSession(Waiting()), Self);
        var next = Now + _settings.AnnounceInterval;
        next = LatestStart < next ? LatestStart.Value : next;
        next = HeardBy < next ? HeardBy.Value : next;
        PursueAgainIn(next - Now);
    }

    /// <summary>Others need its slices. It may go on for as long as its grace is, unless it has not begun.</summary>
    private void OnYield(YieldSlices yield)
    {
        if (yield.Epoch != _state.Epoch || !_state.HoldsSlices || _state.Ended || IsYielding)
        {
            return;
        }

        var grace = _state.Phase == JobState.Running ? _document.Grace ?? _queues.Grace : TimeSpan.Zero;
        _yielding = new Yielding(yield.Epoch, yield.Reason, Now + grace);
        _waitReason = grace > TimeSpan.Zero
            ? $"{yield.Reason} It has {Shared.Jobs.Amounts.FormatTime(grace)} to end by itself."
            : yield.Reason;
        _watchers.Publish(SessionReport.StateEvent(_state, _waitReason) with { At = Now });
        TellAskers();
        PursueState();
    }

    private void PursueYielding()
    {
        var left = _yielding!.Until - Now;
        if (left > TimeSpan.Zero)
        {
            PursueAgainIn(left);
            return;
        }

        _regions.Hosts.Tell(
            new StopAttempt(_state.Slices[0].Host, _session, _state.Epoch, _yielding.Reason), Self);
        PursueAgainIn(_settings.ResendInterval);
    }

    private sealed record Yielding(long Epoch, string Reason, DateTimeOffset Until);
}
