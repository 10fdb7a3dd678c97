using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Cells;
using GpuActors.Scheduler.Queueing.Pool;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Queueing;

/// <content>
/// What the queue knows of its pool: from its cells, at its start, when hosts change, and now and then. It begins when all
/// of them have answered. From then on the word of one says nothing of the others' hosts and sessions: of a cell that is
/// slow the queue knows what it knew.
/// </content>
public sealed partial class QueueActor
{
    private readonly HashSet<int> _pictured = [];

    private bool HasPicture => _pictured.Count == _cells.Count;

    private void AskForPictures()
    {
        for (var cell = 0; cell < _cells.Count; cell++)
        {
            AskForPicture(cell);
        }
    }

    private void AskForMissingPictures()
    {
        for (var cell = 0; cell < _cells.Count; cell++)
        {
            if (!_pictured.Contains(cell))
            {
                AskForPicture(cell);
            }
        }
    }

    private void AskForPicture(int cell) => _regions.TellCell(_cells.NameOf(cell), new GetCellInventory(), Self);

    /// <summary>
    /// A cell says what there is and who holds it. Whatever was missed is made good, so that usage, and with it every
    /// share, is what the cell has reserved.
    /// </summary>
    private void OnPicture(CellInventory picture)
    {
        var cell = PoolCells.NumberOf(picture.Cell);
        if (cell >= _cells.Count)
        {
            return; // of a time when the pool had more
        }

        var (capacity, differs) = (_load.Capacity, false);
        var own = picture.Devices.Where(device => _cells.NumberOfHost(device.Host) == cell);
        var hosts = own.GroupBy(device => device.Host).ToDictionary(
            host => host.Key,
            GpuInventory[] (host) => [.. host.Where(device => device.Available).Select(device => device.Gpu)]);
        foreach (var gone in _load.HostsOf(cell).Except(hosts.Keys).ToArray())
        {
            differs |= _load.SetHost(gone, []);
        }

        foreach (var (host, gpus) in hosts)
        {
            differs |= _load.SetHost(host, gpus);
        }

        _load.SetMachines(cell, picture.Hosts ?? []);
        var holders = picture.Devices.SelectMany(device => device.Slices).Concat(picture.Elsewhere ?? [])
            .GroupBy(owned => owned.Session).ToArray();
        var running = _load.Running.Where(one => one.Value.Cell == cell).Select(one => one.Key);
        foreach (var session in running.Except(holders.Select(holder => holder.Key)).ToArray())
        {
            Released(session, long.MaxValue, cell);
            differs = true;
        }

        foreach (var holder in holders)
        {
            differs |= OnHolder(cell, holder.Key, [.. holder]);
        }

        if (_load.Capacity != capacity)
        {
            _ledger.Quotas.Capacity = _load.Capacity;
        }

        if (differs | _pictured.Add(cell))
        {
            MayFitAgain(cell, null);
            _queue.CapacityFreed();
            TryWaiting();
            MakeRoom();
        }
    }

    /// <summary>
    /// A session that two cells hold something for has lost a message, and gives one of them back: until it has, the one
    /// counts that was known first.
    /// </summary>
    private bool OnHolder(int cell, string session, OwnedSlice[] owned)
    {
        NoteEpoch(owned[0].Epoch);
        var terms = owned[0].Terms ?? QueueTerms.Default with { Tenant = session[..session.IndexOf('/', StringComparison.Ordinal)] };
        if (_underWay.ContainsKey(session) || (_load.Running.TryGetValue(session, out var known) && (known.Epoch >= owned[0].Epoch || known.Cell != cell)))
        {
            return false;
        }

        var slices = Array.ConvertAll(owned, slice => slice.Slice);
        var taken = new ResourceVector(0, 0, owned[0].Taken?.CpuMilli ?? 0, owned[0].Taken?.MemoryBytes ?? 0);
        _load.Add(new RunningSession(session, owned[0].Epoch, terms, slices, owned[0].Since)
        {
            HostTaken = taken, Cell = cell,
        });
        var amount = _load.AmountOf(slices, taken);
        if (!_ledger.Charge(session, _ledger.Quotas.LeafOf(terms.Queue, terms.Tenant), amount, terms.Class))
        {
            _ledger.Settle(session, amount);
        }

        return true;
    }
}
