using GpuActors.Scheduler.Placement;

namespace GpuActors.Scheduler.Queueing;

/// <content>
/// Which cell of the pool is asked. One at a time, so that a session gets slices of one cell only: first the one where
/// slices are kept for it, or that has given it some already; then, as long as there are any, of those where the queue's
/// picture has room (<see cref="Pool.CellLoad"/>) the better of two taken at random; in the end the others, for their word
/// why there is no room, and because a picture may be wrong. The picture is the queue's own and not sent by cells, because
/// it counts at once what the queue has just had reserved: what a cell could send would always be older.
/// </content>
public sealed partial class QueueActor
{
    private long _lastEpoch;

    /// <summary>
    /// Cells count epochs by themselves. The highest that was seen goes with each request, so that what is given later
    /// has the higher one, whichever cell gives it.
    /// </summary>
    private void NoteEpoch(long epoch) => _lastEpoch = Math.Max(_lastEpoch, epoch);

    /// <summary>Asks another cell after one has refused; false if none is left, or the session is not waiting any more.
    /// </summary>
    private bool AsksNext(UnderWay underWay, NoRoom refusal)
    {
        underWay.Refusals[underWay.Cell] = refusal;
        if (underWay.IsWithdrawn || NextCell(underWay) is not (>= 0 and var cell))
        {
            return false;
        }

        Ask(underWay, cell, ForbiddenNow(underWay));
        return true;
    }

    /// <summary>The number of the cell to ask; -1 if all have refused.</summary>
    private int NextCell(UnderWay underWay)
    {
        var waiting = underWay.Next.Unit.Members[0];
        if (PlaceFor(underWay.Next.Unit) is { } place && !underWay.HasRefused(place))
        {
            return place;
        }

        if (_router is not null
            && _router.Choose(_load.Cells, waiting.Request, underWay.Refused()) is >= 0 and var likely)
        {
            return likely;
        }

        return Array.FindIndex(underWay.Refusals, refusal => refusal is null);
    }

    /// <summary>The cell that has slices for a unit and for nobody else; null if there is none.</summary>
    private int? PlaceFor(WaitingUnit unit)
    {
        if (_router is null)
        {
            return null;
        }

        if (_load.Running.TryGetValue(unit.Id, out var running) && running.Cell < _cells.Count)
        {
            return running.Cell; // it may not know; the cell tells it again
        }

        return _queue.DevicesFor(unit.Id) is [var device, ..] ? _load.CellOf(device) : null;
    }

    /// <summary>
    /// Something was freed in a cell: to those whom it might serve, and who ask another cell by now, its refusal means
    /// nothing any more. Otherwise they would rest with room for them.
    /// </summary>
    private void MayFitAgain(int cell, FreedGpu[]? gpus)
    {
        if (_router is null)
        {
            return;
        }

        foreach (var underWay in _underWay.Values)
        {
            var request = underWay.Next.Unit.Members[0].Request;
            if (underWay.Cell != cell && underWay.HasRefused(cell)
                && (gpus is null || Array.Exists(gpus, gpu => _load.MightServe(request, gpu))))
            {
                underWay.Refusals[cell] = null;
            }
        }
    }

    private sealed class UnderWay(Dispatch next, int cells)
    {
        public Dispatch Next => next;

        /// <summary>The number of the cell that was asked last and has not answered.</summary>
        public int Cell { get; set; }

        public long AskedAt { get; set; }

        public bool IsWithdrawn { get; set; }

        /// <summary>What cells have said, by their numbers.</summary>
        public NoRoom?[] Refusals { get; } = new NoRoom?[cells];

        public bool HasRefused(int cell) => Refusals[cell] is not null;

        public bool[] Refused() => Array.ConvertAll(Refusals, refusal => refusal is not null);

        /// <summary>What all cells have said that were asked, the last one included.</summary>
        public NoRoom[] AllRefusals(NoRoom last) =>
            cells == 1 ? [last] : [.. Refusals.OfType<NoRoom>()];
    }
}
