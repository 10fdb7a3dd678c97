using GpuActors.Scheduler.Placement.Cells;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Queueing.Pool;

/// <content>What is known of each cell of the pool, where there are several.</content>
public sealed partial class PoolLoad
{
    private readonly PoolCells _split = cells ?? new PoolCells("", 1);
    private readonly CellLoad[] _cells = cells is { Count: > 1 } several
        ? [.. Enumerable.Range(0, several.Count).Select(_ => new CellLoad(fit))] : [];

    /// <summary>What is known of each cell, by its number; empty if the pool is one.</summary>
    public CellLoad[] Cells => _cells;

    /// <summary>The number of the cell that a device, <c>HOST/INDEX</c>, belongs to.</summary>
    public int CellOf(string device) => _split.NumberOfHost(device[..device.LastIndexOf('/')]);

    /// <summary>The hosts of which devices are known and that belong to a cell.</summary>
    public IEnumerable<string> HostsOf(int cell) => _hosts.Keys.Where(host => _split.NumberOfHost(host) == cell);

    private void Recount(string host)
    {
        if (_cells.Length > 0)
        {
            _cells[_split.NumberOfHost(host)].Refresh(host, _hosts.GetValueOrDefault(host, []));
        }
    }

    private void RecountAll(SliceGrant[] slices)
    {
        for (var i = 0; _cells.Length > 0 && i < slices.Length; i++)
        {
            if (i == 0 || slices[i].Host != slices[i - 1].Host)
            {
                Recount(slices[i].Host);
            }
        }
    }
}
