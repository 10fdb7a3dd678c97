using GpuActors.Actors;
using GpuActors.Actors.Persistence;
using GpuActors.Scheduler.Placement.Cells;
using GpuActors.Scheduler.Placement.Requests;
using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Messages;
using Microsoft.Extensions.Logging;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// The only writer of a cell's capacity. A decision takes effect in memory at once, so that the next one sees it, but
/// is answered only when its event is durable; if it can't be made durable the actor stops and starts again from the
/// journal, as if the decision had never been. Answers go out in the order of decisions. Where its pool has several
/// cells it gives nothing of a host that belongs to another.
/// </summary>
public sealed class PlacementActor : ReceivePersistentActor, IWithTimers
{
    private const int EventsPerSnapshot = 5000;
    private static readonly TimeSpan ConfirmInterval = TimeSpan.FromSeconds(60);

    private readonly string _cellName;
    private readonly string _pool;
    private readonly PoolCells _cells;
    private readonly string? _signature;
    private readonly SchedulerRegions _regions;
    private readonly CellEngine _engine;
    private readonly TimeProvider _time;
    private readonly CellState _cell;
    private long _lastEpochOfHosts;
    private int _eventsUnderWay;
    private int _eventsSinceSnapshot;

    /// <summary>The cell <paramref name="cellName"/>, decided by <paramref name="policy"/>.</summary>
    public PlacementActor(string cellName, SchedulerRegions regions, string policy, GpuModels models)
    {
        _cellName = cellName;
        _pool = PoolCells.PoolOf(cellName);
        _cells = regions.CellsOf(_pool);
        _signature = PoolCells.SignatureOf(cellName);
        _cell = new CellState(models);
        _regions = regions;
        _engine = new CellEngine(_cell, policy);
        _time = Context.System.Runtime.Time;
        Recover<SnapshotOffer>(offer => _cell.Restore((CellSnapshot)offer.Snapshot));
        Recover<SliceReserved>(_cell.Apply);
        Recover<GpuModeSet>(_cell.Apply);
        Recover<SliceReleased>(e => _cell.Release(e.Session, e.Epoch, out _));
        Command<ReserveSlices>(OnReserve);
        Command<ReleaseSlices>(OnRelease);
        Command<HostUp>(OnHostUp);
        Command<HostAlive>(OnHostAlive);
        Command<HostClosed>(OnHostClosed);
        Command<HostGone>(OnHostGone);
        Command<SetGpuMode>(OnSetMode);
        Command<ExplainPlacement>(ask => Sender.Tell(CellExplainer.Explain(_cell, _engine, ask)));
        Command<GetCellInventory>(_ => Sender.Tell(Inventory()));
        Command<ConfirmAll>(_ => ConfirmReservations());
        Command<SaveSnapshotSuccess>(saved => DeleteMessages(saved.Metadata.SequenceNr));
        Command<SaveSnapshotFailure>(failed =>
            Context.GetLogger().LogWarning(failed.Cause, "Cell {Cell} could not save a snapshot.", _cellName));
        Command<DeleteMessagesSuccess>(_ => { });
    }

    /// <inheritdoc/>
    public override string PersistenceId => $"cell-{_cellName}";

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override IReadOnlyList<string> TagsOf(object @event) =>
        @event is GpuModeSet set ? [EventTags.OfHost(set.Host)] : [];

    /// <inheritdoc/>
    protected override void OnReplaySuccess()
    {
        ConfirmReservations();
        Timers.StartPeriodicTimer(ConfirmAll.Instance, ConfirmAll.Instance, ConfirmInterval);
    }

    /// <summary>
    /// Sessions may have ended, or never have heard of a reservation, while the cell was not there; and any message may
    /// be lost, also this question.
    /// </summary>
    private void ConfirmReservations()
    {
        foreach (var (session, owned) in _cell.Reservations)
        {
            _regions.Sessions.Tell(new ConfirmSlices(session, owned.Epoch, owned.Slices, _signature), Self);
        }
    }

    private void OnReserve(ReserveSlices request)
    {
        var sender = Sender;
        if (_cell.Reservations.TryGetValue(request.Session, out var owned))
        {
            var reservation = new Reserved(request.Session, owned.Epoch, owned.Slices, _signature);
            DeferAsync(reservation, again => sender.Tell(again, Self));
            return;
        }

        var decision = _engine.Decide(
            request.Request, request.Avoid.ToHashSet(StringComparer.Ordinal), request.Forbidden, request.Needs);
        if (decision.Refusal is { } refusal)
        {
            PlacementReason[]? reasons = _cells.Count == 1 ? null : [.. decision.Reasons];
            var couldFit = decision is { CouldFit: true, IsOwnWish: false };
            sender.Tell(new NoRoom(request.Session, refusal, couldFit, _signature, reasons), Self);
            return;
        }

        var reserved = new SliceReserved(
            request.Session,
            NextEpoch(request.After),
            decision.Slices,
            _time.GetUtcNow(),
            decision.Choice,
            request.Terms,
            request.Needs?.Taken);
        _cell.Apply(reserved);
        _engine.Observe(request.Request, request.Needs);
        Write(reserved, () =>
        {
            sender.Tell(new Reserved(reserved.Session, reserved.Epoch, reserved.Slices, _signature), Self);
            TellThoseWhoAwaited(reserved);
        });
    }

    private long NextEpoch(long after) => _cells.EpochAfter(
        PoolCells.NumberOf(_cellName), Math.Max(_cell.LastEpoch, Math.Max(after, _lastEpochOfHosts)));

    /// <summary>Somebody may wait for such a job to be there, to run beside it.</summary>
    private void TellThoseWhoAwaited(SliceReserved reserved)
    {
        if (_engine.IsAwaited(HostNeeds.LabelsOf(reserved.Session, reserved.Taken?.Labels)))
        {
            TellQueue(new CapacityFreed(Gpus: Freed(reserved.Slices, ofWholeHost: true), Cell: _signature));
        }
    }

    private void OnRelease(ReleaseSlices release)
    {
        var freesHost = _cell.Reservations.TryGetValue(release.Session, out var owned)
            && (!_cell.HasSlot(owned.Slices[0].Host)
                || owned.Taken is { CpuMilli: > 0 } or { MemoryBytes: > 0 }
                || _engine.IsAwaited(HostNeeds.LabelsOf(release.Session, owned.Taken?.Labels)));
        if (!_cell.Release(release.Session, release.Epoch, out var slices))
        {
            return;
        }

        if (release.HostLost)
        {
            Doubt(slices);
        }

        Write(
            new SliceReleased(release.Session, release.Epoch, _time.GetUtcNow()),
            () => TellQueue(new CapacityFreed(release.Session, release.Epoch, Freed(slices, freesHost), _signature)));
    }

    private void OnSetMode(SetGpuMode command)
    {
        var sender = Sender;
        var result = _cell.Find(command.Host, command.GpuIndex) is not { } gpu ? GpuModeResult.NoSuchGpu
            : _cell.IsSet(command.Host, command.GpuIndex, command.Mode) ? GpuModeResult.Set
            : command.Mode is { } mode && !gpu.AllowedModes.Contains(mode) ? GpuModeResult.NotAllowed
            : gpu.SliceCount > 0 ? GpuModeResult.NotEmpty
            : GpuModeResult.Set;
        if (result != GpuModeResult.Set || _cell.IsSet(command.Host, command.GpuIndex, command.Mode))
        {
            var answer = new GpuModeAnswer(result, UseOf(command.Host, command.GpuIndex));
            DeferAsync(answer, told => sender.Tell(told, Self));
            return;
        }

        var set = new GpuModeSet(command.Host, command.GpuIndex, command.Mode, command.By, _time.GetUtcNow());
        _cell.Apply(set);
        var done = new GpuModeAnswer(GpuModeResult.Set, UseOf(set.Host, set.GpuIndex));
        Write(set, () =>
        {
            sender.Tell(done, Self);
            TellQueue(new CapacityFreed(Cell: _signature));
        });
    }

    /// <summary>A host's own word that it is gone may have been lost; the twin says so if it is not.</summary>
    private void Doubt(SliceGrant[] lost)
    {
        foreach (var (host, lease) in lost.Select(slice => (slice.Host, slice.HostLease)).Distinct())
        {
            if (_cell.IsAvailable(host) && _cell.LeaseOf(host) <= lease)
            {
                _cell.HostUnavailable(host);
                _regions.Hosts.Tell(new AnnounceHost(host), Self);
            }
        }
    }

    /// <summary>
    /// A lease begins only when the one before it is over, with all that ran under it. A host that joined this cell when
    /// the pool had another number of cells, and belongs to another one now, is shown and given nothing.
    /// </summary>
    private void OnHostUp(HostUp up)
    {
        _cell.HostUp(up.Host, up.Gpus, up.Slots, up.Lease, up.Machine);
        _lastEpochOfHosts = Math.Max(_lastEpochOfHosts, up.LastEpoch);
        if (!Belongs(up.Host))
        {
            _cell.HostUnavailable(up.Host);
            Context.GetLogger().LogWarning(
                "Host {Host} belongs to cell {Other} and not to {Cell}; it is given nothing until its worker starts anew.",
                up.Host,
                _cells.CellOf(up.Host),
                _cellName);
        }

        TellLost(up.Host, up.Lease - 1, $"Host {up.Host} was lost and is back.");
        TellQueue(new CapacityFreed(Cell: _signature));
    }

    private bool Belongs(string host) => _cells.CellOf(host) == _cellName;

    private void OnHostClosed(HostClosed closed)
    {
        _cell.HostUnavailable(closed.Host);
        TellQueue(new PoolChanged(_signature));
    }

    private void OnHostAlive(HostAlive alive)
    {
        if ((!_cell.IsAvailable(alive.Host) && Belongs(alive.Host)) || _cell.LeaseOf(alive.Host) < alive.Lease)
        {
            Sender.Tell(new AnnounceHost(alive.Host), Self);
        }
    }

    private void OnHostGone(HostGone gone)
    {
        _cell.HostGone(gone.Host, gone.Lease);
        TellQueue(new PoolChanged(_signature));
        TellLost(gone.Host, gone.Lease, gone.Reason);
    }

    private void TellLost(string host, long lease, string reason)
    {
        foreach (var (session, owned) in _cell.ReservationsOn(host, lease))
        {
            _regions.Sessions.Tell(new SlicesLost(session, owned.Epoch, reason), Self);
        }
    }

    private void TellQueue(object message) => _regions.TellQueue(_pool, message, Self);

    /// <summary>
    /// What is free of the devices whose slices were given back; of the host's others too, if something was that all of
    /// them share: a slot, CPU, memory, or the absence of a job.
    /// </summary>
    private FreedGpu[] Freed(SliceGrant[] slices, bool ofWholeHost) =>
    [
        .. slices.Select(slice => slice.Host).Distinct().Where(_cell.IsAvailable)
            .SelectMany(host => _cell.Hosts[host])
            .Where(gpu => ofWholeHost || Array.Exists(slices, s => s.Host == gpu.Host && s.GpuIndex == gpu.Inventory.Index))
            .Select(gpu => new FreedGpu(gpu.Host, gpu.Inventory, gpu.MemoryFree, gpu.ComputeFree, gpu.SliceCount == 0)),
    ];

    private void Write<T>(T happened, Action whenDurable)
        where T : class
    {
        _eventsUnderWay++;
        PersistAsync(happened, _ =>
        {
            _eventsUnderWay--;
            _eventsSinceSnapshot++;
            whenDurable();
            SnapshotIfDue();
        });
    }

    /// <summary>
    /// Only when nothing is under way: otherwise the state would be ahead of the journal that the snapshot stands for.
    /// </summary>
    private void SnapshotIfDue()
    {
        if (_eventsSinceSnapshot >= EventsPerSnapshot && _eventsUnderWay == 0)
        {
            _eventsSinceSnapshot = 0;
            SaveSnapshot(_cell.Snapshot());
        }
    }

    private CellInventory Inventory()
    {
        var byDevice = _cell.Reservations.SelectMany(r => OwnedBy(r.Key, r.Value))
            .ToLookup(o => (o.Slice.Host, o.Slice.GpuIndex));
        return new CellInventory(
            [.. _cell.Hosts.Values.SelectMany(gpus => gpus)
                .Select(gpu => UseOf(gpu, byDevice[(gpu.Host, gpu.Inventory.Index)]))],
            [.. byDevice.Where(owned => _cell.Find(owned.Key.Host, owned.Key.GpuIndex) is null).SelectMany(owned => owned)],
            [.. _cell.Hosts.Keys.Select(HostUseOf)],
            _signature);
    }

    private HostUse HostUseOf(string host)
    {
        var (cpu, memory) = _cell.Capacity.SharedFree(host);
        return new HostUse(host, _cell.Capacity.MachineOf(host), _cell.IsAvailable(host), cpu, memory);
    }

    private DeviceUse? UseOf(string host, int index) => _cell.Find(host, index) is not { } gpu ? null
        : UseOf(gpu, _cell.Reservations.SelectMany(r => OwnedBy(r.Key, r.Value))
            .Where(owned => owned.Slice.Host == host && owned.Slice.GpuIndex == index));

    private DeviceUse UseOf(GpuState gpu, IEnumerable<OwnedSlice> slices) =>
        new(gpu.Host, gpu.Inventory, _cell.IsAvailable(gpu.Host), [.. slices.OrderBy(o => o.Epoch)], gpu.Setting);

    private static IEnumerable<OwnedSlice> OwnedBy(string session, Reservation owned) =>
        owned.Slices.Select(slice => new OwnedSlice(
            slice, session, owned.Epoch, owned.Since, owned.Terms, owned.Taken));

    private sealed record ConfirmAll
    {
        public static readonly ConfirmAll Instance = new();
    }
}
