using GpuActors.Scheduler.Placement.Policies;

namespace GpuActors.Scheduler.Placement.Cells;

/// <summary>
/// Chooses the cell that is asked first: of two taken at random among those where a request may fit, the one with more
/// free (the power of two choices: Mitzenmacher, IEEE TPDS 12(10), 2001). Cells then fill evenly although nobody looks at
/// all of them closely.
/// </summary>
/// <param name="seed">Of the choices at random.</param>
public sealed class CellRouter(ulong seed)
{
    private SplitMix64 _random = new(seed);

    /// <summary>The number of the cell to ask; -1 if the request fits in none that has not been asked.</summary>
    /// <param name="cells">What is known of the cells.</param>
    /// <param name="request">The request.</param>
    /// <param name="asked">Cells that have refused it already, by number.</param>
    /// <typeparam name="TCell">What is known of a cell.</typeparam>
    /// <typeparam name="TRequest">What is asked for.</typeparam>
    public int Choose<TCell, TRequest>(TCell[] cells, TRequest request, ReadOnlySpan<bool> asked)
        where TCell : ICellSummary<TRequest>
    {
        var first = Any(cells, request, asked, except: -1);
        if (first < 0)
        {
            return -1;
        }

        var second = Any(cells, request, asked, except: first);
        return second >= 0 && cells[second].FreePart(request) > cells[first].FreePart(request) ? second : first;
    }

    /// <summary>One of those where it may fit, each with the same probability.</summary>
    private int Any<TCell, TRequest>(TCell[] cells, TRequest request, ReadOnlySpan<bool> asked, int except)
        where TCell : ICellSummary<TRequest>
    {
        var (chosen, seen) = (-1, 0);
        for (var cell = 0; cell < cells.Length; cell++)
        {
            if (cell != except && !asked[cell] && cells[cell].MayFit(request) && _random.Below(++seen) == 0)
            {
                chosen = cell;
            }
        }

        return chosen;
    }
}
