using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Cells;

/// <summary>A task and its cell.</summary>
/// <param name="Cell">The cell's number.</param>
/// <param name="Task">What it has there.</param>
public readonly record struct CellTask(int Cell, PlacedTask Task);

/// <summary>
/// A pool whose hosts are split into cells, each with an engine of its own, so that none grows beyond what one actor can
/// serve. A request is sent to one cell, and to the next if that refuses.
/// </summary>
public sealed class CellPool
{
    private readonly PlacementEngine[] _engines;
    private readonly CellSummary[] _summaries;
    private readonly CellRouter _router;
    private readonly bool[] _asked;

    /// <summary>Of one engine for each cell.</summary>
    /// <param name="engines">
    /// With their hosts, over clusters that share one <see cref="ModelTable"/>; only this pool uses them from now on.
    /// </param>
    /// <param name="seed">Of the router.</param>
    /// <exception cref="ArgumentException">Models are not numbered alike.</exception>
    public CellPool(IEnumerable<PlacementEngine> engines, ulong seed = 42)
    {
        _engines = [.. engines];
        if (Array.Exists(_engines, engine => engine.State.Models != _engines[0].State.Models))
        {
            throw new ArgumentException("All cells of a pool must share one table of models.", nameof(engines));
        }

        _summaries = [.. _engines.Select(engine => new CellSummary(engine.State))];
        _asked = new bool[_engines.Length];
        _router = new CellRouter(seed);
    }

    /// <summary>How many cells there are.</summary>
    public int CellCount => _engines.Length;

    /// <summary>How often cells were asked.</summary>
    public long Asked { get; private set; }

    /// <summary>Thousandths of GPUs that are there.</summary>
    public long GpuMilli => _engines.Sum(engine => engine.State.GpuMilli);

    /// <summary>Thousandths of GPUs that no task has.</summary>
    public long GpuFreeMilli => _engines.Sum(engine => engine.State.GpuFreeMilli);

    /// <summary>The engine of a cell, to read.</summary>
    public PlacementEngine EngineOf(int cell) => _engines[cell];

    /// <summary>
    /// Places a request in some cell and takes what it needs; false if every cell where it may fit has refused it.
    /// </summary>
    public bool TryPlace(PlacementRequest request, out CellTask placed)
    {
        placed = default;
        Array.Clear(_asked);
        var known = _engines[0].Classes.Intern(request);
        while (_router.Choose(_summaries, known, _asked) is >= 0 and var cell)
        {
            Asked++;
            _asked[cell] = true;
            var engine = _engines[cell];
            var there = cell == 0 ? known : engine.Classes.Intern(request);
            engine.Observe(there);
            if (engine.TryPlace(there, request.HostMemoryMib, out var task))
            {
                _summaries[cell].Refresh(task.Host);
                placed = new CellTask(cell, task);
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives back what a task had.</summary>
    public void Release(in CellTask placed)
    {
        _engines[placed.Cell].Release(placed.Task);
        _summaries[placed.Cell].Refresh(placed.Task.Host);
    }
}
