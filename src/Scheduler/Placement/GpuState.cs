using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Placement;

/// <summary>What one device has and what of it is still free.</summary>
public sealed class GpuState
{
    private readonly SortedSet<int> _numbersInUse = [];

    /// <summary>A device with nothing reserved on it.</summary>
    public GpuState(string host, GpuInventory inventory, long hostLease = 0)
    {
        HostLease = hostLease;
        Host = host;
        Inventory = inventory;
    }

    /// <summary>The host's name.</summary>
    public string Host { get; }

    /// <summary>Number of the host's lease.</summary>
    public long HostLease { get; }

    /// <summary>The device as its worker found it.</summary>
    public GpuInventory Inventory { get; }

    /// <summary>Memory reserved, in bytes.</summary>
    public long MemoryReserved { get; private set; }

    /// <summary>Compute reserved, in percent of the device.</summary>
    public int ComputeReserved { get; private set; }

    /// <summary>A slice owns the whole device.</summary>
    public bool WholeReserved { get; private set; }

    /// <summary>How many slices there are.</summary>
    public int SliceCount => _numbersInUse.Count;

    /// <summary>Memory that is still free, in bytes.</summary>
    public long MemoryFree => WholeReserved ? 0 : Inventory.MemoryBytes - MemoryReserved;

    /// <summary>Compute that is still free, in percent.</summary>
    public int ComputeFree => WholeReserved ? 0 : 100 - ComputeReserved;

    /// <summary>The slice that <paramref name="request"/> would get here: the lowest free number.</summary>
    public SliceGrant Grant(GpuRequest request)
    {
        var number = 0;
        while (_numbersInUse.Contains(number))
        {
            number++;
        }

        var share = request.ShareOf(Inventory.MemoryBytes);
        return new SliceGrant(
            SliceName.Of(Host, Inventory.Index, number),
            Host,
            Inventory.Index,
            share.MemoryBytes,
            share.ComputePercent,
            request.Whole,
            HostLease);
    }

    /// <summary>Takes <paramref name="grant"/> out of what is free.</summary>
    /// <exception cref="InvalidOperationException">The slice's number is in use: capacity would be given twice.</exception>
    public void Take(SliceGrant grant)
    {
        if (!_numbersInUse.Add(SliceName.NumberOf(grant.Name)))
        {
            throw new InvalidOperationException($"Slice {grant.Name} is reserved already.");
        }

        MemoryReserved += grant.MemoryBytes;
        ComputeReserved += grant.ComputePercent;
        WholeReserved |= grant.Whole;
    }

    /// <summary>Gives <paramref name="grant"/> back.</summary>
    public void Give(SliceGrant grant)
    {
        if (!_numbersInUse.Remove(SliceName.NumberOf(grant.Name)))
        {
            throw new InvalidOperationException($"Slice {grant.Name} is not reserved.");
        }

        MemoryReserved -= grant.MemoryBytes;
        ComputeReserved -= grant.ComputePercent;
        WholeReserved &= !grant.Whole;
    }
}
