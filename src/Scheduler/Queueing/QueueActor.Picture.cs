using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Queueing.Pool;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Queueing;

/// <content>What the queue knows of its pool: from the cell, at its start, when hosts change, and now and then.</content>
public sealed partial class QueueActor
{
    private bool _hasPicture;

    private void AskForPicture() => _regions.TellCell(_pool, new GetCellInventory(), Self);

    /// <summary>
    /// The cell says what there is and who holds it. Whatever was missed is made good, so that usage, and with it every
    /// share, is what the cell has reserved.
    /// </summary>
    private void OnPicture(CellInventory picture)
    {
        var (capacity, differs) = (_load.Capacity, false);
        var hosts = picture.Devices.GroupBy(device => device.Host).ToDictionary(
            host => host.Key,
            GpuInventory[] (host) => [.. host.Where(device => device.Available).Select(device => device.Gpu)]);
        foreach (var gone in _load.Devices.Select(device => device.Host).Distinct().Except(hosts.Keys).ToArray())
        {
            differs |= _load.SetHost(gone, []);
        }

        foreach (var (host, gpus) in hosts)
        {
            differs |= _load.SetHost(host, gpus);
        }

        _load.SetMachines(picture.Hosts ?? []);
        var holders = picture.Devices.SelectMany(device => device.Slices).Concat(picture.Elsewhere ?? [])
            .GroupBy(owned => owned.Session).ToArray();
        foreach (var session in _load.Running.Keys.Except(holders.Select(holder => holder.Key)).ToArray())
        {
            Released(session, long.MaxValue);
            differs = true;
        }

        foreach (var holder in holders)
        {
            differs |= OnHolder(holder.Key, [.. holder]);
        }

        if (_load.Capacity != capacity)
        {
            _ledger.Quotas.Capacity = _load.Capacity;
        }

        if (differs || !_hasPicture)
        {
            _hasPicture = true;
            _queue.CapacityFreed();
            TryWaiting();
            MakeRoom();
        }
    }

    private bool OnHolder(string session, OwnedSlice[] owned)
    {
        var terms = owned[0].Terms ?? QueueTerms.Default with { Tenant = session[..session.IndexOf('/', StringComparison.Ordinal)] };
        if (_underWay.ContainsKey(session) || (_load.Running.TryGetValue(session, out var known) && known.Epoch >= owned[0].Epoch))
        {
            return false;
        }

        var slices = Array.ConvertAll(owned, slice => slice.Slice);
        var taken = new ResourceVector(0, 0, owned[0].Taken?.CpuMilli ?? 0, owned[0].Taken?.MemoryBytes ?? 0);
        _load.Add(new RunningSession(session, owned[0].Epoch, terms, slices, owned[0].Since) { HostTaken = taken });
        var amount = _load.AmountOf(slices, taken);
        if (!_ledger.Charge(session, _ledger.Quotas.LeafOf(terms.Queue, terms.Tenant), amount, terms.Class))
        {
            _ledger.Settle(session, amount);
        }

        return true;
    }
}
