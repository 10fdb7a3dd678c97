using GpuActors.Scheduler.Placement.Cells;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Queueing.Pool;

/// <summary>
/// The pool as its queue knows it: devices, and who holds slices of them until when. A picture of what the cell has
/// said, to estimate by; what is given to whom is the cell's to decide.
/// </summary>
/// <param name="fit">Whether devices can serve requests.</param>
/// <param name="cells">The cells of the pool; null: it is one.</param>
public sealed partial class PoolLoad(GpuFit fit, PoolCells? cells = null) : IPoolView
{
    /// <summary>Devices that are looked at for one reservation: an estimate may be later than need be, not late.</summary>
    private const int DevicesTried = 32;

    private readonly SortedDictionary<string, DeviceLoad[]> _hosts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeviceLoad> _devices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RunningSession> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<GpuRequest, ResourceVector> _demands = [];
    private int _preemptible;

    /// <summary>Whether devices can serve requests.</summary>
    public GpuFit Fit => fit;

    /// <summary>All devices.</summary>
    public IEnumerable<DeviceLoad> Devices => _devices.Values;

    /// <summary>Who holds slices, by session.</summary>
    public IReadOnlyDictionary<string, RunningSession> Running => _running;

    /// <summary>All that there is.</summary>
    public ResourceVector Capacity { get; private set; }

    /// <summary>The device of that name; null if there is none.</summary>
    public DeviceLoad? Find(string device) => _devices.GetValueOrDefault(device);

    /// <summary>There is somebody who could be made to leave for one of higher priority, or for any normal job.</summary>
    public bool HasPreemptible => _preemptible > 0;

    /// <summary>A host has these devices; none: it is gone, or is given nothing. False: nothing is new.</summary>
    public bool SetHost(string host, IReadOnlyList<GpuInventory> gpus)
    {
        if (_hosts.TryGetValue(host, out var former))
        {
            if (former.Select(device => IdentityOf(device.Gpu)).SequenceEqual(gpus.Select(IdentityOf)))
            {
                return false;
            }

            _hosts.Remove(host);
            foreach (var device in former)
            {
                _devices.Remove(device.Name);
                Capacity -= new ResourceVector(1000, device.Gpu.MemoryBytes);
            }
        }

        _demands.Clear();
        if (gpus.Count == 0)
        {
            Recount(host);
            return former is not null;
        }

        var devices = gpus.Select(gpu => new DeviceLoad(host, gpu)).ToArray();
        _hosts[host] = devices;
        foreach (var device in devices)
        {
            _devices[device.Name] = device;
            Capacity += new ResourceVector(1000, device.Gpu.MemoryBytes);
        }

        foreach (var session in _running.Values)
        {
            PutOn(session, slice => slice.Host == host);
        }

        Recount(host);
        return true;
    }

    /// <summary>A session holds slices; what it held before is replaced.</summary>
    public void Add(RunningSession session)
    {
        Remove(session.Session);
        _running[session.Session] = session;
        _preemptible += IsPreemptible(session) ? 1 : 0;
        PutOn(session, _ => true);
        RecountAll(session.Slices);
    }

    /// <summary>A session holds nothing any more; false if it held nothing.</summary>
    public bool Remove(string session)
    {
        if (!_running.Remove(session, out var running))
        {
            return false;
        }

        _preemptible -= IsPreemptible(running) ? 1 : 0;
        foreach (var slice in running.Slices)
        {
            Find($"{slice.Host}/{slice.GpuIndex}")?.Remove(session);
        }

        RecountAll(running.Slices);
        return true;
    }

    /// <inheritdoc/>
    public FreedGpu? FreeOn(string device) => Find(device)?.Free;

    /// <inheritdoc/>
    public DeviceNeed LeastOf(GpuRequest request) => GpuFit.LeastOf(request);

    /// <inheritdoc/>
    public bool MightServe(GpuRequest request, FreedGpu gpu) => fit.MightServe(request, gpu);

    /// <inheritdoc/>
    public ResourceVector DemandOf(GpuRequest request)
    {
        if (!_demands.TryGetValue(request, out var demand))
        {
            _demands[request] = demand = MostOf(request);
        }

        return demand;
    }

    /// <inheritdoc/>
    public ResourceVector AmountOf(IReadOnlyList<SliceGrant> slices, in ResourceVector demand)
    {
        var (milli, memory, isKnown) = (0L, 0L, true);
        foreach (var slice in slices)
        {
            milli += slice.Whole ? 1000 : slice.ComputePercent * 10;
            memory += slice.MemoryBytes;
            isKnown &= slice.Whole || slice.ComputePercent > 0;
        }

        return demand with { GpuMilli = isKnown ? milli : demand.GpuMilli, GpuMemoryBytes = memory };
    }

    /// <inheritdoc/>
    public Reservation? Reserve(WaitingUnit unit, DateTimeOffset now, IReadOnlySet<string> kept) =>
        unit.IsGang ? null
            : HeadEstimate.Of(this, unit.Id, unit.Members[0], now, WithUnfit(kept, unit), DevicesTried);

    /// <summary>The devices of each host.</summary>
    internal IEnumerable<DeviceLoad[]> Hosts => _hosts.Values;

    /// <summary>What of a device matters here; its modes are an array, which does not compare by content.</summary>
    private static (GpuInventory, string) IdentityOf(GpuInventory gpu) =>
        (gpu with { Modes = null }, string.Join(',', gpu.Modes ?? []));

    private static bool IsPreemptible(RunningSession session) =>
        session.Terms.Class == JobClass.Scavenger || session.Terms.Preemptible == true;

    private void PutOn(RunningSession session, Func<SliceGrant, bool> concerns)
    {
        foreach (var slice in session.Slices.Where(concerns))
        {
            Find($"{slice.Host}/{slice.GpuIndex}")?.Add(slice, session);
        }
    }

    /// <summary>The most that a request comes to on any device that is there; quotas must not be exceeded by it.</summary>
    private ResourceVector MostOf(GpuRequest request)
    {
        var most = ResourceVector.Zero;
        foreach (var like in _devices.Values.DistinctBy(device => (device.Gpu.Model, device.Gpu.MemoryBytes)))
        {
            if (fit.IsOfKind(request, like.Gpu) && fit.AmountOn(request, like.Gpu) is { } amount)
            {
                most = ResourceVector.Max(most, amount);
            }
        }

        return (most.IsZero ? UnknownPool.Instance.DemandOf(request with { Count = 1 }) : most).Times(request.Count);
    }
}
