using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Rearranging;

/// <summary>Changes to a cluster that are all undone.</summary>
internal sealed class Trial(PlacementEngine engine, RunningTasks tasks)
{
    private readonly List<PlacedTask> _taken = [];
    private readonly List<PlacedTask> _left = [];

    /// <summary>The tasks that found a new place.</summary>
    public List<TaskMove> Moves { get; } = [];

    /// <summary>The task leaves where it is.</summary>
    public void Leave(int task)
    {
        engine.State.Release(tasks.Ref(task));
        _left.Add(tasks.Ref(task));
    }

    /// <summary>A request takes its place on a host; false if it has none there.</summary>
    public bool TryTake(RequestClass request, int hostMemoryMib, int host, out PlacedTask place)
    {
        place = default;
        if (!engine.IsFeasible(host, request, hostMemoryMib))
        {
            return false;
        }

        place = engine.On(host, request, hostMemoryMib);
        Take(place);
        return true;
    }

    /// <summary>A task that left goes where the engine wants it; false if there is no room.</summary>
    public bool TryResettle(int task)
    {
        var from = tasks.Ref(task);
        if (!engine.TryChoose(tasks.ClassOf(task), from.HostMemoryMib, out var place))
        {
            return false;
        }

        Settle(task, place);
        return true;
    }

    /// <summary>A task that left goes to the host of another, which leaves that.</summary>
    /// <param name="task">The task that left.</param>
    /// <param name="displaced">The other.</param>
    /// <param name="displacedTo">Where the other must go; -1: where the engine wants it.</param>
    public bool TryDisplace(int task, int displaced, int displacedTo)
    {
        var host = tasks.Ref(displaced).Host;
        Leave(displaced);
        return TrySettle(task, host) && (displacedTo < 0 ? TryResettle(displaced) : TrySettle(displaced, displacedTo));
    }

    /// <summary>All as it was.</summary>
    public void Undo()
    {
        _taken.ForEach(taken => engine.State.Release(taken));
        _left.ForEach(left => engine.State.Take(left));
    }

    private bool TrySettle(int task, int host)
    {
        var asked = tasks.ClassOf(task);
        var memory = tasks.Ref(task).HostMemoryMib;
        if (!engine.IsFeasible(host, asked, memory))
        {
            return false;
        }

        Settle(task, engine.On(host, asked, memory));
        return true;
    }

    private void Settle(int task, PlacedTask place)
    {
        place = place with { Labels = tasks.Ref(task).Labels };
        Take(place);
        Moves.Add(new TaskMove(task, tasks.Ref(task), place));
    }

    private void Take(in PlacedTask place)
    {
        engine.State.Take(place);
        _taken.Add(place);
    }
}
