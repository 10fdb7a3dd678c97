using GpuActors.Scheduler.Queueing.Preemption;
using GpuActors.Scheduler.Sessions;

namespace GpuActors.Scheduler.Queueing;

/// <content>
/// Makes room for those who have a right to it. Who has to leave is told, again and again until its slices are free;
/// what it leaves is kept for the one that it leaves for. One that still finds no room then, because the cell knows
/// better than the queue's picture, has nobody else leave for it for a while.
/// </content>
public sealed partial class QueueActor
{
    private const int ClaimantsLimit = 16;
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMinutes(5);

    private readonly bool _reclaims;
    private readonly Dictionary<string, PreemptionPlan> _plans = new(StringComparer.Ordinal);
    private readonly Dictionary<string, YieldSlices> _leaving = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _pausedUntil = new(StringComparer.Ordinal);

    private void MakeRoom()
    {
        if (!_reclaims && !_load.HasPreemptible)
        {
            return;
        }

        foreach (var candidate in _queue.FirstResting(ClaimantsLimit))
        {
            if (_pausedUntil.TryGetValue(candidate.Unit.Id, out var until) && Now < until)
            {
                continue;
            }

            var kept = _load.WithUnfit(_queue.KeptFrom(candidate.Unit), candidate.Unit);
            if (_planner.Find(candidate, Now, kept, _leaving.Keys.ToHashSet(StringComparer.Ordinal)) is { } plan)
            {
                CarryOut(plan);
            }
        }
    }

    private void CarryOut(PreemptionPlan plan)
    {
        _plans[plan.For.Id] = plan;
        _queue.Keep(plan.For.Id, plan.Devices);
        foreach (var victim in plan.Victims)
        {
            var yield = new YieldSlices(victim.Session.Session, victim.Session.Epoch, victim.Sentence(plan.For));
            _leaving[yield.Session] = yield;
            _regions.Sessions.Tell(yield, Self);
        }

        foreach (var member in plan.For.Members)
        {
            if (_queue.ReasonOf(member.Session) is { } reason)
            {
                _regions.Sessions.Tell(new SessionWaits(member.Session, reason), Self);
            }
        }
    }

    private void YieldAgain()
    {
        foreach (var yield in _leaving.Values)
        {
            _regions.Sessions.Tell(yield, Self);
        }

        foreach (var (session, until) in _pausedUntil.ToArray())
        {
            if (until < Now)
            {
                _pausedUntil.Remove(session);
            }
        }
    }

    private void ForgetPlan(string unit)
    {
        _plans.Remove(unit);
        _pausedUntil.Remove(unit);
    }

    private void RefusedThoughRoomWasMade(string unit)
    {
        if (_plans.TryGetValue(unit, out var plan)
            && !plan.Victims.Any(victim => _leaving.ContainsKey(victim.Session.Session)))
        {
            _plans.Remove(unit);
            _queue.Unkeep(unit);
            _pausedUntil[unit] = Now + PauseAfterFailure;
        }
    }
}
