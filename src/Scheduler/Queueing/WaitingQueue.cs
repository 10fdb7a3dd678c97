using System.Diagnostics.CodeAnalysis;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Queueing;

/// <summary>
/// The order of a pool's waiting sessions: priority, then submission time. Sessions that ask for the same form a
/// <em>group</em>; when one of a group finds no room, none of the group would, so the whole group rests until capacity
/// is freed. Later sessions of other groups may pass a resting head, but only <c>passLimit</c> times: then the head's
/// turn is kept until it is served, so that a stream of small sessions can't starve a big one. A head that could not be served even by empty hosts keeps
/// nobody waiting.
/// </summary>
public sealed class WaitingQueue(int passLimit)
{
    private static readonly Comparer<WaitingSession> ServiceOrder = Comparer<WaitingSession>.Create(Compare);

    private readonly Dictionary<string, WaitingSession> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<GpuRequest, Group> _groups = [];
    private readonly SortedSet<Group> _ready = new(Comparer<Group>.Create((a, b) => Compare(a.Head, b.Head)));
    private readonly HashSet<Group> _unservable = [];
    private readonly SortedSet<Group> _resting = new(Comparer<Group>.Create((a, b) => Compare(a.Head, b.Head)));
    private string? _passed;
    private int _passes;

    /// <summary>How many sessions wait.</summary>
    public int Count => _sessions.Count;

    /// <summary>Adds a session; false if it waits already.</summary>
    public bool Add(WaitingSession waiting)
    {
        if (!_sessions.TryAdd(waiting.Session, waiting))
        {
            return false;
        }

        if (!_groups.TryGetValue(waiting.Request, out var group))
        {
            _groups[waiting.Request] = group = new Group(waiting.Request);
        }

        Reorder(group, () => group.Members.Add(waiting));
        return true;
    }

    /// <summary>Takes a session out; false if it does not wait.</summary>
    public bool Remove(string session)
    {
        if (!_sessions.Remove(session, out var waiting))
        {
            return false;
        }

        var group = _groups[waiting.Request];
        Reorder(group, () => group.Members.Remove(waiting));
        if (group.Members.Count == 0)
        {
            _groups.Remove(group.Request);
        }

        return true;
    }

    /// <summary>Takes out the session whose turn it is; false if nobody may be tried now.</summary>
    public bool TryTake([NotNullWhen(true)] out WaitingSession? next)
    {
        next = null;
        if (_ready.Min is not { } group)
        {
            return false;
        }

        if (_resting.Min is { } resting && Compare(resting.Head, group.Head) < 0 && !MayPass(resting.Head.Session))
        {
            return false;
        }

        next = group.Head;
        Remove(next.Session);
        return true;
    }

    /// <summary>The session found no room: it waits on, and its group rests until <see cref="CapacityFreed"/>.</summary>
    /// <param name="waiting">The session.</param>
    /// <param name="couldFit">The hosts that are there could serve it if they were empty.</param>
    /// <param name="reason">Why there is no room.</param>
    public void PutBack(WaitingSession waiting, bool couldFit, string? reason = null)
    {
        Add(waiting);
        if (_groups.TryGetValue(waiting.Request, out var group))
        {
            group.Reason = reason;
            Reorder(group, () => group.Rest = couldFit ? Rest.UntilFreed : Rest.Unservable);
        }
    }

    /// <summary>Why there was no room for those who ask for the same, when it was last tried; null if not known.</summary>
    public string? ReasonOf(GpuRequest request) => _groups.TryGetValue(request, out var group) ? group.Reason : null;

    /// <summary>Capacity was freed or came: every group may be tried again.</summary>
    public void CapacityFreed()
    {
        foreach (var group in _resting.Concat(_unservable))
        {
            group.Rest = Rest.None;
            _ready.Add(group);
        }

        _resting.Clear();
        _unservable.Clear();
    }

    private bool MayPass(string head)
    {
        if (_passed != head)
        {
            (_passed, _passes) = (head, 0);
        }

        return _passes++ < passLimit;
    }

    private void Reorder(Group group, Action change)
    {
        if (group.Members.Count > 0)
        {
            SetOf(group).Remove(group);
        }

        change();
        if (group.Members.Count > 0)
        {
            SetOf(group).Add(group);
        }
    }

    private ISet<Group> SetOf(Group group) => group.Rest switch
    {
        Rest.None => _ready,
        Rest.UntilFreed => _resting,
        _ => _unservable,
    };

    private static int Compare(WaitingSession a, WaitingSession b)
    {
        var byPriority = b.Priority.CompareTo(a.Priority);
        if (byPriority != 0)
        {
            return byPriority;
        }

        var byTime = a.SubmittedAt.CompareTo(b.SubmittedAt);
        return byTime != 0 ? byTime : string.CompareOrdinal(a.Session, b.Session);
    }

    /// <summary>Whether a group may be tried.</summary>
    private enum Rest
    {
        None,
        UntilFreed,
        Unservable,
    }

    private sealed class Group(GpuRequest request)
    {
        public GpuRequest Request { get; } = request;

        public SortedSet<WaitingSession> Members { get; } = new(ServiceOrder);

        public Rest Rest { get; set; }

        public string? Reason { get; set; }

        public WaitingSession Head => Members.Min!;
    }
}
