using GpuActors.Scheduler.Queueing.Index;

namespace GpuActors.Scheduler.Queueing;

/// <content>The head, what is reserved for it, and who may pass it.</content>
public sealed partial class WaitingQueue
{
    private readonly Dictionary<string, Reservation> _kept = new(StringComparer.Ordinal);
    private readonly HashSet<string> _keptReady = new(StringComparer.Ordinal); // something of what is kept was freed
    private string? _head;
    private Reservation? _reservation;
    private bool _isEstimated;
    private int _passes;

    /// <summary>The first of those that found no room; null if there is none.</summary>
    public WaitingUnit? Head => _head is null ? null : _units.GetValueOrDefault(_head);

    /// <summary>What is reserved for the head, if that is known.</summary>
    public Reservation? HeadReservation => _reservation;

    /// <summary>Devices that others have had to leave, and for whom they are kept.</summary>
    public IReadOnlyCollection<Reservation> Kept => _kept.Values;

    /// <summary>Keeps devices for a unit, because others have to leave them for it; nobody else is put there.</summary>
    public void Keep(string unit, string[] devices)
    {
        _kept[unit] = new Reservation(unit, devices, null);
        HoldBack();
        if (_reservation is { } former && (_head == unit || former.Devices.Intersect(devices).Any()))
        {
            (_reservation, _isEstimated) = (null, false);
            HoldBack();
            WakeThoseKeptOff(former);
        }
    }

    /// <summary>Devices that are kept or reserved for a unit; none if there are none.</summary>
    public string[] DevicesFor(string unit) => _kept.TryGetValue(unit, out var kept) ? kept.Devices
        : _reservation?.For == unit ? _reservation.Devices : [];

    /// <summary>Devices that are kept or reserved for others than a unit: it must not be put there.</summary>
    public IReadOnlySet<string> KeptFrom(WaitingUnit unit)
    {
        var devices = AllKept(unit.Id);
        if (_reservation is not null && _reservation.For != unit.Id)
        {
            devices.UnionWith(_reservation.Devices);
        }

        return devices;
    }

    /// <summary>Nothing is kept for the unit any more; those who were kept off may be tried there.</summary>
    public void Unkeep(string unit)
    {
        _keptReady.Remove(unit);
        if (_kept.Remove(unit, out var kept))
        {
            HoldBack();
            WakeThoseKeptOff(kept);
        }
    }

    private void Unreserve(string unit)
    {
        Unkeep(unit);
        if (_head == unit)
        {
            MakeHead(null);
        }
    }

    /// <summary>Makes the first of the group the head, if it goes before the one that is.</summary>
    private void ConsiderAsHead(WaitingGroup group)
    {
        if (group.TryFirst(Quotas, _served, out var candidate)
            && candidate.Unit.Id != _head
            && TryCandidate(Head, out var head) // where there is none, it is looked for when somebody would pass it
            && ServiceOrder.Compare(candidate, head) < 0)
        {
            MakeHead(candidate.Unit.Id);
        }
    }

    private void MakeHead(string? unit)
    {
        var former = _reservation;
        (_head, _reservation, _isEstimated, _passes) = (unit, null, false, 0);
        if (former is not null)
        {
            HoldBack();
            WakeThoseKeptOff(former);
        }
    }

    private void HoldBack() =>
        _freed.Hold(_reservation?.Devices ?? [], _kept.Values.SelectMany(kept => kept.Devices));

    /// <summary>Whether the first of those who may be tried may go now, in view of who comes before it.</summary>
    private bool MayGo(in Candidate first, DateTimeOffset now, out string[] forbidden, out bool isBesideHead)
    {
        isBesideHead = false;
        var devices = AllKept(first.Unit.Id);
        var mayGo = true;
        if (IsHeadUnderWay)
        {
            mayGo = MayPass(first.Unit, now, devices, out isBesideHead);
        }
        else if (TryHeadBefore(first, out var head))
        {
            if (!_isEstimated && !_kept.ContainsKey(head.Unit.Id))
            {
                (_reservation, _isEstimated) = (_pool.Reserve(head.Unit, now, AllKept(head.Unit.Id)), true);
                HoldBack();
            }

            mayGo = MayPass(first.Unit, now, devices, out isBesideHead);
        }

        forbidden = [.. devices];
        return mayGo;
    }

    private HashSet<string> AllKept(string exceptFor)
    {
        var devices = new HashSet<string>(StringComparer.Ordinal);
        foreach (var kept in _kept.Values)
        {
            if (kept.For != exceptFor)
            {
                devices.UnionWith(kept.Devices);
            }
        }

        return devices;
    }

    /// <summary>The head is being tried: until it is answered for it is as if it were there.</summary>
    private bool IsHeadUnderWay => _head is not null && _underWay.ContainsKey(_head);

    private bool MayPass(WaitingUnit unit, DateTimeOffset now, HashSet<string> forbidden, out bool isBesideHead)
    {
        isBesideHead = false;
        if (_kept.ContainsKey(_head!))
        {
            return true; // nobody goes where room is being made for it, and that is all that it needs
        }

        if (_reservation is null)
        {
            return _passes++ < _policy.PassLimit;
        }

        if (!(unit.TimeLimit is { } limit && _reservation.Until is { } until && now + limit <= until))
        {
            forbidden.UnionWith(_reservation.Devices);
            isBesideHead = true;
        }

        return true;
    }

    /// <summary>
    /// The head, if it goes before <paramref name="other"/>. Where the last was served, or has used up its quota, it is
    /// the first of those who rest and go before that one: nobody else would be passed.
    /// </summary>
    private bool TryHeadBefore(in Candidate other, out Candidate head)
    {
        if (TryCandidate(Head, out head))
        {
            return ServiceOrder.Compare(head, other) < 0;
        }

        if (!TryFindBefore(new RestingSearch(_freed), other, out head))
        {
            return false;
        }

        MakeHead(head.Unit.Id);
        return true;
    }

    /// <summary>
    /// The first of those who are awake, and of those for whom something was freed that is kept for them: whoever else
    /// of their shape found no room did not get that.
    /// </summary>
    private bool TryFindNext(DateTimeOffset now, out Candidate next)
    {
        if (!TryFindAwake(now, out next))
        {
            next = default;
        }

        foreach (var kept in _keptReady)
        {
            if (TryCandidate(_units.GetValueOrDefault(kept), out var candidate)
                && (next.Unit is null || ServiceOrder.Compare(candidate, next) < 0))
            {
                next = candidate;
            }
        }

        return next.Unit is not null;
    }

    /// <summary>
    /// The first of those who are awake. Who goes before the head may use what is reserved for it; others only if they
    /// are over in time.
    /// </summary>
    private bool TryFindAwake(DateTimeOffset now, out Candidate next)
    {
        var longest = _reservation?.Until - now ?? TimeSpan.Zero;
        if (_reservation is null || !_freed.HasReserved)
        {
            return TryFindFirst(new AwakeSearch(_freed, false, longest), out next);
        }

        if (!IsHeadUnderWay)
        {
            if (!TryCandidate(Head, out var head))
            {
                return TryFindFirst(new AwakeSearch(_freed, false, longest), out next);
            }

            if (TryFindBefore(new AwakeSearch(_freed, false, longest), head, out next))
            {
                return true;
            }

            if (IsAwake(_groupOf[head.Unit].Shape))
            {
                next = head;
                return true;
            }
        }

        return TryFindFirst(new AwakeSearch(_freed, true, longest), out next);
    }

    private bool IsAwake(WaitingShape shape) =>
        shape.State == ShapeState.Fresh || _freed.Wakes(shape, isBound: false, isOverInTime: false);

    private bool TryFindFirst(GroupSearch search, out Candidate first)
    {
        _found.Clear();
        _index.Find(search, 1, _found);
        first = _found.Count > 0 ? _found[0] : default;
        return _found.Count > 0;
    }

    private bool TryFindBefore(GroupSearch search, in Candidate other, out Candidate first)
    {
        _found.Clear();
        _found.Add(other);
        _index.Find(search, 1, _found);
        first = _found[0];
        return first.Unit != other.Unit;
    }

    private bool TryCandidate(WaitingUnit? unit, out Candidate candidate)
    {
        candidate = default;
        if (unit is null || !_groupOf.TryGetValue(unit, out var group) || group.Shape.State == ShapeState.Unservable)
        {
            return false;
        }

        var admits = Quotas.Admits(
            group.Leaf, unit.Demand, unit.Class, unit.MayBorrow, unit.Members.Count, out var borrows);
        candidate = new Candidate(unit, group.Leaf, borrows, unit.Due <= _served);
        return admits;
    }
}
