using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Rearranging;

/// <summary>
/// The tasks that run and may be moved, by host and by class. A task's number is its place in flat arrays; it is given
/// again when the task has been removed.
/// </summary>
public sealed class RunningTasks
{
    private const int None = -1;

    private readonly Dictionary<RequestClass, List<int>> _ofClass = [];
    private Entry[] _entries = [];
    private int[] _firstOnHost = [];
    private int _firstFree = None;
    private int _used;

    /// <summary>How many run.</summary>
    public int Count { get; private set; }

    /// <summary>Classes of which at least one runs.</summary>
    public IReadOnlyCollection<RequestClass> Classes => _ofClass.Keys;

    /// <summary>A task has been placed.</summary>
    /// <returns>Its number.</returns>
    public int Add(RequestClass asked, in PlacedTask placed)
    {
        var task = _firstFree != None ? _firstFree : Grow();
        if (_firstFree != None)
        {
            _firstFree = _entries[task].Next;
        }

        if (!_ofClass.TryGetValue(asked, out var list))
        {
            _ofClass[asked] = list = [];
        }

        _entries[task] = new Entry { Class = asked, Placed = placed, InClass = list.Count };
        list.Add(task);
        LinkToHost(task, placed.Host);
        Count++;
        return task;
    }

    /// <summary>A task has ended.</summary>
    public void Remove(int task)
    {
        UnlinkFromHost(task);
        ref var entry = ref _entries[task];
        var list = _ofClass[entry.Class!];
        var last = list[^1];
        list[entry.InClass] = last;
        _entries[last].InClass = entry.InClass;
        list.RemoveAt(list.Count - 1);
        if (list.Count == 0)
        {
            _ofClass.Remove(entry.Class!);
        }

        entry = new Entry { Next = _firstFree };
        _firstFree = task;
        Count--;
    }

    /// <summary>A task has been moved.</summary>
    public void Move(int task, in PlacedTask to)
    {
        UnlinkFromHost(task);
        _entries[task].Placed = to;
        LinkToHost(task, to.Host);
    }

    /// <summary>A task's class.</summary>
    public RequestClass ClassOf(int task) => _entries[task].Class ?? throw new ArgumentException($"There is no task {task}.");

    /// <summary>What a task has.</summary>
    public PlacedTask PlacedOf(int task) => _entries[task].Placed;

    /// <summary>The first task on a host; -1 if there is none.</summary>
    internal int FirstOn(int host) => host < _firstOnHost.Length ? _firstOnHost[host] - 1 : None;

    /// <summary>The next task on the same host; -1 if there is none.</summary>
    internal int NextOnHost(int task) => _entries[task].Next;

    /// <summary>The tasks of a class.</summary>
    internal List<int> OfClass(RequestClass asked) => _ofClass[asked];

    internal ref readonly PlacedTask Ref(int task) => ref _entries[task].Placed;

    private int Grow()
    {
        if (_used == _entries.Length)
        {
            Array.Resize(ref _entries, Math.Max(256, _used * 2));
        }

        return _used++;
    }

    private void LinkToHost(int task, int host)
    {
        if (host >= _firstOnHost.Length)
        {
            Array.Resize(ref _firstOnHost, Math.Max(host + 1, _firstOnHost.Length * 2)); // 0: none, else number + 1
        }

        var first = _firstOnHost[host] - 1;
        _entries[task].Next = first;
        _entries[task].Previous = None;
        if (first != None)
        {
            _entries[first].Previous = task;
        }

        _firstOnHost[host] = task + 1;
    }

    private void UnlinkFromHost(int task)
    {
        ref var entry = ref _entries[task];
        if (entry.Next != None)
        {
            _entries[entry.Next].Previous = entry.Previous;
        }

        if (entry.Previous != None)
        {
            _entries[entry.Previous].Next = entry.Next;
        }
        else
        {
            _firstOnHost[entry.Placed.Host] = entry.Next + 1;
        }
    }

    private struct Entry
    {
        public RequestClass? Class;
        public PlacedTask Placed;
        public int InClass;
        public int Next;
        public int Previous;
    }
}
