using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Scheduler.Queueing;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// A cell's devices, reservations and modes. Reservations and modes are what the journal says; devices are what hosts
/// report, and may come and go while reservations stay: a lost host's slices stay reserved until their sessions give
/// them back.
/// </summary>
/// <param name="models">What devices can be cut into.</param>
public sealed class CellState(GpuModels models)
{
    private readonly SortedDictionary<(string Host, int Gpu), GpuModeSet> _modes = [];
    private readonly SortedDictionary<string, GpuState[]> _hosts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _available = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _leases = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _endedLeases = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _sessionsOn = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Reservation> _reservations = new(StringComparer.Ordinal);

    /// <summary>The hosts as the engine sees them.</summary>
    public CellCapacity Capacity { get; } = new();

    /// <summary>The highest epoch given so far.</summary>
    public long LastEpoch { get; private set; }

    /// <summary>Hosts by name with their devices, whether available or not.</summary>
    public IReadOnlyDictionary<string, GpuState[]> Hosts => _hosts;

    /// <summary>Reservations by session.</summary>
    public IReadOnlyDictionary<string, Reservation> Reservations => _reservations;

    /// <summary>The host may be given new slices.</summary>
    public bool IsAvailable(string host) => _available.Contains(host);

    /// <summary>The host runs fewer sessions than it may at once.</summary>
    public bool HasSlot(string host) => _sessionsOn.GetValueOrDefault(host) < _slots.GetValueOrDefault(host);

    /// <summary>A host reported its devices and may be given slices. Reservations on it count from now on.</summary>
    /// <param name="slots">How many sessions it runs at once.</param>
    /// <param name="lease">
    /// Number of its lease; a word about an older one than the newest known, or about one that is over, changes nothing.
    /// </param>
    /// <param name="machine">What it has beside GPUs; null: not known.</param>
    public void HostUp(
        string host,
        IReadOnlyList<GpuInventory> gpus,
        int slots = int.MaxValue,
        long lease = 0,
        HostInventory? machine = null)
    {
        if (lease < LeaseOf(host) || (_endedLeases.TryGetValue(host, out var ended) && lease <= ended))
        {
            return;
        }

        var states = gpus.Select(gpu => new GpuState(host, gpu, models, SettingOf(host, gpu), lease)).ToArray();
        foreach (var grant in _reservations.Values.OrderBy(r => r.Epoch).SelectMany(r => r.Slices))
        {
            if (grant.Host == host)
            {
                Find(states, grant.GpuIndex)?.Restore(grant);
            }
        }

        _hosts[host] = states;
        _leases[host] = lease;
        _slots[host] = slots;
        _available.Add(host);
        Capacity.HostUp(host, states, machine ?? HostInventory.Unknown);
        Touch(host);
    }

    /// <summary>The host is given nothing any more (lost, draining or leaving).</summary>
    public void HostUnavailable(string host)
    {
        _available.Remove(host);
        Touch(host);
    }

    /// <summary>A lease of the host is over; if no newer one is known, nothing more is given there.</summary>
    public void HostGone(string host, long lease)
    {
        _endedLeases[host] = Math.Max(lease, _endedLeases.GetValueOrDefault(host));
        if (LeaseOf(host) <= lease)
        {
            HostUnavailable(host);
        }
    }

    /// <summary>The newest lease of a host that is known here; 0 if it has not been heard of.</summary>
    public long LeaseOf(string host) => _leases.GetValueOrDefault(host);

    /// <summary>The sessions that own slices on a host that were granted under a lease or an older one.</summary>
    public IEnumerable<KeyValuePair<string, Reservation>> ReservationsOn(string host, long lease = long.MaxValue) =>
        _reservations.Where(r => Array.Exists(r.Value.Slices, s => s.Host == host && s.HostLease <= lease));

    /// <summary>A device; null if its host has not reported it since the cell was started.</summary>
    public GpuState? Find(string host, int gpu) => _hosts.TryGetValue(host, out var gpus) ? Find(gpus, gpu) : null;

    /// <summary>The sessions that own slices on a device.</summary>
    public IEnumerable<string> SessionsOn(string host, int gpu) => _reservations
        .Where(r => Array.Exists(r.Value.Slices, s => s.Host == host && s.GpuIndex == gpu)).Select(r => r.Key);

    /// <summary>An operator has set that mode already.</summary>
    public bool IsSet(string host, int gpu, GpuMode? mode) => _modes.TryGetValue((host, gpu), out var set) && set.Mode == mode;

    /// <summary>An operator has set the mode of an empty device. It counts whatever its worker's settings say.</summary>
    /// <exception cref="InvalidOperationException">The device has slices.</exception>
    public void Apply(GpuModeSet set)
    {
        Find(set.Host, set.GpuIndex)?.Set(set.Mode);
        _modes[(set.Host, set.GpuIndex)] = set;
        Touch(set.Host);
    }

    /// <summary>All that the journal says, so that recovery need not read all events.</summary>
    public CellSnapshot Snapshot() => new(
        LastEpoch,
        [.. _reservations.Select(r => r.Value.As(r.Key))],
        [.. _modes.Values]);

    /// <summary>Takes over what a snapshot says; on a new cell.</summary>
    public void Restore(CellSnapshot snapshot)
    {
        LastEpoch = Math.Max(LastEpoch, snapshot.LastEpoch); // reservations of it need not be left
        Array.ForEach(snapshot.Reservations, Apply);
        Array.ForEach(snapshot.Modes ?? [], Apply);
    }

    /// <summary>Records a reservation that has been decided.</summary>
    /// <exception cref="InvalidOperationException">The session owns slices already, or a slice is taken.</exception>
    public void Apply(SliceReserved reserved) =>
        Reserve(
            reserved.Session,
            reserved.Epoch,
            reserved.Slices,
            reserved.At,
            reserved.Choice,
            reserved.Terms,
            reserved.Taken);

    /// <inheritdoc cref="Apply(SliceReserved)"/>
    public void Reserve(
        string session,
        long epoch,
        SliceGrant[] slices,
        DateTimeOffset since,
        PlacementChoice? choice = null,
        QueueTerms? terms = null,
        HostTaken? taken = null)
    {
        if (!_reservations.TryAdd(session, new Reservation(epoch, slices, since, choice, terms, taken)))
        {
            throw new InvalidOperationException($"Session {session} owns slices already.");
        }

        LastEpoch = Math.Max(LastEpoch, epoch);
        CountSession(slices, 1);
        foreach (var slice in slices)
        {
            Find(slice.Host, slice.GpuIndex)?.Take(slice);
        }

        if (slices.Length > 0)
        {
            Capacity.Take(slices[0].Host, session, taken);
        }

        TouchAll(slices);
    }

    /// <summary>Gives a session's slices back; false if it owns none of that epoch.</summary>
    public bool Release(string session, long epoch, [NotNullWhen(true)] out SliceGrant[]? slices)
    {
        slices = null;
        if (!_reservations.TryGetValue(session, out var reservation) || reservation.Epoch != epoch)
        {
            return false;
        }

        _reservations.Remove(session);
        slices = reservation.Slices;
        CountSession(slices, -1);
        foreach (var slice in slices)
        {
            Find(slice.Host, slice.GpuIndex)?.Give(slice);
        }

        if (slices.Length > 0)
        {
            Capacity.Give(slices[0].Host, session, reservation.Taken);
        }

        TouchAll(slices);

        return true;
    }

    /// <summary>All slices of a session are on one host.</summary>
    private void CountSession(SliceGrant[] slices, int change)
    {
        if (slices.Length > 0)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_sessionsOn, slices[0].Host, out _) += change;
        }
    }

    private void Touch(string host) => Capacity.Touch(host, IsAvailable(host) && HasSlot(host));

    private void TouchAll(SliceGrant[] slices)
    {
        for (var i = 0; i < slices.Length; i++)
        {
            if (i == 0 || slices[i].Host != slices[i - 1].Host)
            {
                Touch(slices[i].Host);
            }
        }
    }

    private GpuMode? SettingOf(string host, GpuInventory gpu) =>
        _modes.TryGetValue((host, gpu.Index), out var set) ? set.Mode : gpu.Mode;

    private static GpuState? Find(GpuState[] gpus, int index) => Array.Find(gpus, gpu => gpu.Inventory.Index == index);
}

/// <summary>The slices that one session owns, since when, why those, on which terms, and what it has of its host.</summary>
public sealed record Reservation(
    long Epoch,
    SliceGrant[] Slices,
    DateTimeOffset Since,
    PlacementChoice? Choice = null,
    QueueTerms? Terms = null,
    HostTaken? Taken = null)
{
    /// <summary>The event by which a session got it.</summary>
    public SliceReserved As(string session) => new(session, Epoch, Slices, Since, Choice, Terms, Taken);
}
