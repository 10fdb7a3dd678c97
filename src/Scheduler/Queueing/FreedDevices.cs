using GpuActors.Scheduler.Queueing.Index;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Queueing;

/// <summary>
/// What was freed and not used up since, and whom it wakes: those who were refused before, if it might serve them.
/// Nobody's state changes by that; so a release costs nothing for all whom it does not concern.
/// </summary>
/// <param name="pool">What is known of the devices.</param>
internal sealed class FreedDevices(IPoolView pool)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reserved = new(StringComparer.Ordinal);
    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);

    /// <summary>Devices of which something may be free.</summary>
    public int Count => _entries.Count;

    /// <summary>Among them are some that are reserved for the head.</summary>
    public bool HasReserved => _reserved.Count > 0;

    /// <summary>Something of a device was freed.</summary>
    /// <param name="gpu">The device, and what of it is free now.</param>
    /// <param name="at">When, by the queue's count of events.</param>
    public void Add(FreedGpu gpu, long at)
    {
        var entry = EntryOf(gpu.Name);
        (entry.Gpu, entry.FreedAt) = (gpu, at);
    }

    /// <summary>A device is not kept or reserved for others any more; false if what is free of it is not known.</summary>
    public bool Lift(string device, long at)
    {
        if (pool.FreeOn(device) is not { } gpu)
        {
            if (!_reserved.Contains(device))
            {
                _entries.Remove(device);
            }

            return false;
        }

        var entry = EntryOf(device);
        (entry.Gpu, entry.LiftedAt) = (gpu, at);
        return true;
    }

    /// <summary>Something of a device was given away. What was free of it before; null if that does not matter here.</summary>
    public FreedBefore? UseUp(SliceGrant grant)
    {
        var name = $"{grant.Host}/{grant.GpuIndex}";
        if (!_entries.TryGetValue(name, out var entry) || entry.Gpu is not { } gpu)
        {
            return null;
        }

        entry.Gpu = pool.FreeOn(name) ?? gpu.Without(grant);
        return new FreedBefore(gpu, entry.FreedAt, entry.LiftedAt);
    }

    /// <summary>Which devices are reserved for the head now, and which ones others have had to leave.</summary>
    public void Hold(IEnumerable<string> reserved, IEnumerable<string> kept)
    {
        _reserved.Clear();
        _reserved.UnionWith(reserved);
        _kept.Clear();
        _kept.UnionWith(kept);
        foreach (var device in _reserved)
        {
            if (!_entries.ContainsKey(device))
            {
                EntryOf(device).Gpu = pool.FreeOn(device);
            }
        }

        foreach (var (device, entry) in _entries)
        {
            (entry.IsReserved, entry.IsKept) = (_reserved.Contains(device), _kept.Contains(device));
            if (entry is { IsReserved: false, FreedAt: 0, LiftedAt: 0 })
            {
                _entries.Remove(device); // it was here only because it was reserved
            }
        }
    }

    /// <summary>Nobody who waits could use what was freed; what is reserved stays.</summary>
    public void Clear()
    {
        foreach (var (device, entry) in _entries)
        {
            if (!entry.IsReserved)
            {
                _entries.Remove(device);
            }
            else
            {
                (entry.FreedAt, entry.LiftedAt) = (0, 0);
            }
        }
    }

    /// <summary>False only if none of some groups may use anything of it.</summary>
    /// <param name="bounds">The least that they ask for.</param>
    /// <param name="longestTicks">Those who run longer may not use what is reserved for the head.</param>
    public bool MightServe(in GroupBounds bounds, long longestTicks)
    {
        foreach (var entry in _entries.Values)
        {
            if ((!entry.IsReserved || bounds.LimitTicks <= longestTicks)
                && (entry.Gpu is not { } gpu || bounds.Need.IsMetBy(gpu)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Something was freed that might serve the shape, whoever it is kept for.</summary>
    public bool Wakes(WaitingShape shape)
    {
        foreach (var entry in _entries.Values)
        {
            if (IsNews(entry.FreedAt, entry.LiftedAt, shape) && MightServe(shape, entry))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Something was freed that might serve the shape, and that one of it may use.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="isBound">It must leave to the head what is reserved for that.</param>
    /// <param name="isOverInTime">It may use that nevertheless, because it is over by then.</param>
    public bool Wakes(WaitingShape shape, bool isBound, bool isOverInTime)
    {
        foreach (var entry in _entries.Values)
        {
            if (entry.IsKept || (entry.IsReserved && isBound && !isOverInTime))
            {
                continue;
            }

            var isNews = IsNews(entry.FreedAt, entry.LiftedAt, shape)
                || (entry.IsReserved && isOverInTime && shape.RefusedBesideHead);
            if (isNews && MightServe(shape, entry))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What was free before woke the shape.</summary>
    public bool Woke(FreedBefore before, WaitingShape shape) =>
        IsNews(before.FreedAt, before.LiftedAt, shape) && pool.MightServe(shape.Key.Request, before.Gpu);

    private static bool IsNews(long freedAt, long liftedAt, WaitingShape shape) =>
        freedAt > shape.RestsSince || (shape.RefusedBesideReservation && liftedAt > shape.RestsSince);

    private bool MightServe(WaitingShape shape, Entry entry) =>
        entry.Gpu is not { } gpu || (shape.Need.IsMetBy(gpu) && pool.MightServe(shape.Key.Request, gpu));

    private Entry EntryOf(string device)
    {
        if (!_entries.TryGetValue(device, out var entry))
        {
            _entries[device] = entry = new Entry
            {
                IsReserved = _reserved.Contains(device), IsKept = _kept.Contains(device),
            };
        }

        return entry;
    }

    private sealed class Entry
    {
        /// <summary>Null: it is reserved, and nobody can say what is free of it.</summary>
        public FreedGpu? Gpu { get; set; }

        public long FreedAt { get; set; }

        public long LiftedAt { get; set; }

        public bool IsReserved { get; set; }

        public bool IsKept { get; set; }
    }
}

/// <summary>What was free of a device before some of it was given away.</summary>
internal sealed record FreedBefore(FreedGpu Gpu, long FreedAt, long LiftedAt);
