using System.Diagnostics.CodeAnalysis;
using GpuActors.Scheduler.Queueing.Index;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Queueing;

/// <summary>
/// Who is next in a pool (<see cref="ServiceOrder"/>), and who may be tried at all.
/// <para>
/// Units that ask for the same have one <em>shape</em>. When one of a shape finds no room none of them would, so the
/// shape rests. What is freed wakes the shapes that might use it and no others, and once it is used up those that did
/// not get it rest again. Nothing is written down for that: <see cref="FreedDevices"/> tells whom it wakes, and
/// <see cref="WaitingIndex"/> finds the first of them without a look at all who wait.
/// </para>
/// <para>
/// The first of those who rest is the <em>head</em>. Later ones may pass it where that can't delay it: devices on which
/// it will be able to begin, and until when, are reserved for it, and others go there only if they are over by then.
/// Where nobody can say when it will begin, it is passed a limited number of times, and then nobody goes before it.
/// Those that can't be served by the hosts that are there keep nobody waiting.
/// </para>
/// <para>
/// So that nobody is passed for ever by others of higher priority or smaller share, a unit is <em>due</em> once the
/// queue has served many others since it came; then it goes before all who came later.
/// </para>
/// </summary>
public sealed partial class WaitingQueue
{
    private readonly QueuePolicy _policy;
    private readonly UsageLedger _ledger;
    private readonly IPoolView _pool;
    private readonly GangAssembly _gangs = new();
    private readonly Dictionary<string, WaitingUnit> _units = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WaitingUnit> _unitOf = new(StringComparer.Ordinal);
    private readonly Dictionary<WaitingUnit, WaitingGroup> _groupOf = [];
    private readonly Dictionary<ShapeKey, WaitingShape> _shapes = [];
    private readonly WaitingIndex _index;
    private readonly FreedDevices _freed;
    private readonly List<Candidate> _found = [];
    private readonly SortedSet<(DateTimeOffset LatestStart, string Id)> _deadlines = [];
    private readonly List<WaitingUnit> _expired = [];
    private readonly Dictionary<string, Dispatch> _underWay = new(StringComparer.Ordinal);
    private long _served;
    private long _events;

    /// <summary>An empty queue.</summary>
    /// <param name="policy">How order is weighed against use.</param>
    /// <param name="ledger">What is used of which quota; the queue charges what it gives out.</param>
    /// <param name="pool">What is known of the pool's devices.</param>
    public WaitingQueue(QueuePolicy policy, UsageLedger ledger, IPoolView? pool = null)
    {
        (_policy, _ledger, _pool) = (policy, ledger, pool ?? UnknownPool.Instance);
        (_index, _freed) = (new WaitingIndex(ledger.Quotas), new FreedDevices(_pool));
    }

    /// <summary>A queue without quotas over a pool of which nothing is known.</summary>
    public WaitingQueue(int passLimit)
        : this(new QueuePolicy { PassLimit = passLimit }, new UsageLedger(new QuotaTree()))
    {
    }

    /// <summary>How many sessions wait.</summary>
    public int Count => _unitOf.Count + _gangs.Count;

    /// <summary>What is used of which quota.</summary>
    public UsageLedger Ledger => _ledger;

    private QuotaTree Quotas => _ledger.Quotas;

    /// <summary>Adds a session; false if it waits already.</summary>
    public bool Add(WaitingSession waiting)
    {
        if (Contains(waiting.Session))
        {
            return false;
        }

        QuotaTree.CountWaiting(LeafOf(waiting), 1);
        if (waiting.Gang is not { Size: > 1 })
        {
            AddUnit([waiting]);
        }
        else if (_gangs.Add(waiting, out var members))
        {
            AddUnit(members);
        }

        return true;
    }

    /// <summary>The session waits, and is not being tried.</summary>
    public bool Contains(string session) => _unitOf.ContainsKey(session) || _gangs.Contains(session);

    /// <summary>
    /// Takes a session out; false if it does not wait. The others of its gang wait for a new member.
    /// </summary>
    public bool Remove(string session)
    {
        if (_unitOf.TryGetValue(session, out var unit))
        {
            RemoveUnit(unit);
            Unreserve(unit.Id);
            foreach (var other in unit.Members)
            {
                QuotaTree.CountWaiting(LeafOf(other), -1);
                if (other.Session != session)
                {
                    Add(other);
                }
            }

            return true;
        }

        var member = _gangs.Find(session);
        return member is not null && RemoveFromGang(member);
    }

    /// <summary>Takes out the unit whose turn it is, and charges its quota; false if nobody may be tried now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="next">The unit, and where it must not go.</param>
    public bool TryTake(DateTimeOffset now, [NotNullWhen(true)] out Dispatch? next)
    {
        next = null;
        Expire(now);
        var mayGo = false;
        var isBesideHead = false;
        string[] forbidden = [];
        var first = default(Candidate);
        for (var former = _reservation; !mayGo; former = _reservation)
        {
            if (!TryFindNext(now, out first))
            {
                ForgetFreedIfUseless();
                return false;
            }

            mayGo = MayGo(first, now, out forbidden, out isBesideHead);
            if (_reservation is null || ReferenceEquals(former, _reservation))
            {
                break;
            }

            mayGo = false; // devices have just been reserved for the head: that may have been all that woke this one
        }

        if (!mayGo)
        {
            return false;
        }

        RemoveUnit(first.Unit);
        _keptReady.Remove(first.Unit.Id);
        next = new Dispatch(first.Unit, forbidden, isBesideHead);
        _underWay[first.Unit.Id] = next;
        foreach (var member in first.Unit.Members)
        {
            QuotaTree.CountWaiting(first.Leaf, -1);
            _ledger.Charge(member.Session, first.Leaf, DemandOf(member), member.Terms.Class);
        }

        return true;
    }

    /// <summary>The unit found no room: it waits on, and its shape rests until something is freed that may serve it.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="couldFit">The hosts that are there could serve it if they were empty.</param>
    /// <param name="reason">Why there is no room.</param>
    public void PutBack(WaitingUnit unit, bool couldFit, string? reason = null)
    {
        _underWay.Remove(unit.Id, out var dispatch);
        foreach (var member in unit.Members)
        {
            _ledger.Refund(member.Session);
            QuotaTree.CountWaiting(LeafOf(member), 1);
        }

        AddUnit(unit);
        var shape = _groupOf[unit].Shape;
        shape.Reason = reason;
        shape.RestsSince = ++_events;
        shape.RefusedBesideReservation = dispatch is { Forbidden.Length: > 0 };
        shape.RefusedBesideHead = couldFit && dispatch is { IsBesideHead: true };
        SetState(shape, couldFit ? ShapeState.Resting : ShapeState.Unservable);
        if (couldFit)
        {
            ConsiderAsHead(_groupOf[unit]);
        }
    }

    /// <summary>The unit is not to be served any more, although it had been taken out to be.</summary>
    public void Drop(WaitingUnit unit)
    {
        _underWay.Remove(unit.Id);
        Unreserve(unit.Id);
        foreach (var member in unit.Members)
        {
            _ledger.Refund(member.Session);
        }
    }

    /// <summary>
    /// The unit has got its slices; what it uses is settled. The pool's view must have been told of them before.
    /// </summary>
    public void Placed(WaitingUnit unit, IEnumerable<KeyValuePair<string, SliceGrant[]>> slices)
    {
        _index.Served(++_served);
        _underWay.Remove(unit.Id);
        Unreserve(unit.Id);
        foreach (var (session, grants) in slices)
        {
            var member = unit.Members.First(member => member.Session == session);
            _ledger.Settle(session, _pool.AmountOf(grants, DemandOf(member)));
            UseUp(grants);
        }
    }

    /// <summary>A session has given its slices back: its quota is free again.</summary>
    public void Released(string session) => _ledger.Refund(session);

    /// <summary>
    /// Units that can't begin by their deadline any more; each is told once and waits no longer.
    /// </summary>
    public IReadOnlyList<WaitingUnit> TakeExpired(DateTimeOffset now)
    {
        Expire(now);
        WaitingUnit[] expired = [.. _expired];
        _expired.Clear();
        return expired;
    }

    /// <summary>The next time at which <see cref="TakeExpired"/> finds somebody; null if nobody has a deadline.</summary>
    public DateTimeOffset? NextDeadline => _deadlines.Count == 0 ? null : _deadlines.Min.LatestStart;

    private void AddUnit(WaitingSession[] members)
    {
        var demand = members.Aggregate(ResourceVector.Zero, (sum, member) => sum + DemandOf(member));
        AddUnit(new WaitingUnit(members, demand)
        {
            Due = _served + _policy.DueAfter + ((long)_policy.Patience * _units.Count),
        });
    }

    private void AddUnit(WaitingUnit unit)
    {
        var first = unit.Members[0];
        var key = new ShapeKey(first.Request, first.HostDemand, first.Needs.TermSet, unit.IsGang ? unit.Id : null);
        if (!_shapes.TryGetValue(key, out var shape))
        {
            _shapes[key] = shape = new WaitingShape(key, _pool.LeastOf(key.Request));
        }

        var group = shape.GroupOf(unit, LeafOf(first));
        group.Add(unit);
        _index.Put(group);
        _groupOf[unit] = group;
        _units[unit.Id] = unit;
        foreach (var member in unit.Members)
        {
            _unitOf[member.Session] = unit;
        }

        if (unit.LatestStart != DateTimeOffset.MaxValue)
        {
            _deadlines.Add((unit.LatestStart, unit.Id));
        }

        if (shape.State == ShapeState.Resting && !_freed.Wakes(shape))
        {
            ConsiderAsHead(group);
        }
    }

    private void RemoveUnit(WaitingUnit unit)
    {
        _groupOf.Remove(unit, out var group);
        group!.Remove(unit);
        if (group.IsEmpty)
        {
            _index.Remove(group);
            group.Shape.Remove(group);
            if (group.Shape.Groups.Count == 0)
            {
                _shapes.Remove(group.Shape.Key);
            }
        }
        else
        {
            _index.Put(group);
        }

        _units.Remove(unit.Id);
        _deadlines.Remove((unit.LatestStart, unit.Id));
        foreach (var member in unit.Members)
        {
            _unitOf.Remove(member.Session);
        }
    }

    private bool RemoveFromGang(WaitingSession member)
    {
        QuotaTree.CountWaiting(LeafOf(member), -1);
        return _gangs.Remove(member.Session);
    }

    private void Expire(DateTimeOffset now)
    {
        while (_deadlines.Count > 0 && _deadlines.Min is var first && first.LatestStart < now)
        {
            var unit = _units[first.Id];
            RemoveUnit(unit);
            Unreserve(unit.Id);
            _expired.Add(unit);
            foreach (var member in unit.Members)
            {
                QuotaTree.CountWaiting(LeafOf(member), -1);
            }
        }
    }

    private QuotaNode LeafOf(WaitingSession waiting) => Quotas.LeafOf(waiting.Terms.Queue, waiting.Terms.Tenant);

    private ResourceVector DemandOf(WaitingSession waiting) => _pool.DemandOf(waiting.Request) + waiting.HostDemand;
}
