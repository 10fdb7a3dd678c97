using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.TestKit.Simulation;
using GpuActors.Actors.TestKit.Stores;
using GpuActors.Scheduler;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Messages;
using GpuActors.Simulation.Devices;

namespace GpuActors.Simulation.Oracle;

/// <summary>What the journal says of a session.</summary>
internal sealed class SessionRecord
{
    public bool IsAccepted { get; set; }

    public long Epoch { get; set; }

    /// <summary>The host of the current attempt, and the lease under which its slices were granted.</summary>
    public (string Host, long Number) Lease { get; set; }

    /// <summary>Leases that ended with an attempt of this session.</summary>
    public HashSet<(string Host, long Number)> LostLeases { get; } = [];

    /// <summary>Its client drives it.</summary>
    public bool IsInteractive { get; set; }

    /// <summary>An attempt of it has begun.</summary>
    public bool IsStarted { get; set; }

    /// <summary>The manifest of its end; null before.</summary>
    public string? End { get; set; }
}

/// <summary>
/// Reads every event at the moment at which it becomes durable: no write under an old epoch, no holes, one end a
/// session, epochs that grow, no capacity reserved twice, no GPU in two modes, results only of attempts that ran.
/// </summary>
internal sealed class JournalOracle
{
    private readonly SimulatedWorld _world;
    private readonly SimulatedDatabase _database;
    private readonly Verdict _verdict;
    private readonly DeviceOracle _devices;
    private readonly Dictionary<string, long> _lastNumber = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SessionRecord> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SliceReserved> _reserved = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Host, int Gpu), List<SliceGrant>> _onDevice = [];
    private readonly Dictionary<(string Host, int Gpu), GpuMode?> _modes = [];
    private readonly Func<string, int, GpuInventory> _gpuOf;
    private long _lastEpoch;

    public JournalOracle(
        SimulatedWorld world,
        SimulatedDatabase database,
        Verdict verdict,
        DeviceOracle devices,
        Func<string, int, GpuInventory> gpuOf)
    {
        (_world, _database, _verdict, _devices, _gpuOf) = (world, database, verdict, devices, gpuOf);
        database.Committed += OnCommitted;
    }

    /// <summary>Events seen.</summary>
    public int Count { get; private set; }

    /// <summary>Ends seen, by kind.</summary>
    public SortedDictionary<string, int> Ends { get; } = new(StringComparer.Ordinal);

    /// <summary>Sessions that own slices, as the cells' journals say.</summary>
    public IReadOnlyDictionary<string, SliceReserved> Reserved => _reserved;

    /// <summary>What is known of a session; null for one that was never accepted.</summary>
    public SessionRecord? Find(string session) => _sessions.GetValueOrDefault(session);

    private void OnCommitted(StoredEvent stored, OwnershipToken token)
    {
        Count++;
        _world.Trace.Add("journal", $"{stored.PersistenceId} {stored.SequenceNr} {stored.Manifest} {token}");
        if (token.Epoch < _database.EpochOf(token.Scope))
        {
            _verdict.Broken(
                "a write under an old epoch took effect",
                $"{stored.PersistenceId} {stored.SequenceNr} {stored.Manifest}, {token} of {_database.EpochOf(token.Scope)}");
        }

        var last = _lastNumber.GetValueOrDefault(stored.PersistenceId);
        _lastNumber[stored.PersistenceId] = stored.SequenceNr;
        if (stored.SequenceNr != last + 1)
        {
            _verdict.Broken("the journal has a hole", $"{stored.PersistenceId}: {stored.SequenceNr} after {last}");
        }

        if (stored.PersistenceId.StartsWith("session-", StringComparison.Ordinal))
        {
            OnSession(stored.PersistenceId["session-".Length..], stored);
        }
        else if (stored.PersistenceId.StartsWith("cell-", StringComparison.Ordinal))
        {
            OnCell(stored);
        }
    }

    private void OnSession(string session, StoredEvent stored)
    {
        if (!_sessions.TryGetValue(session, out var record))
        {
            _sessions[session] = record = new SessionRecord();
        }

        var isEnd = stored.Manifest is "session.completed.v1" or "session.failed.v1" or "session.cancelled.v1"
            or "session.released.v1";
        if (record.IsAccepted == (stored.Manifest == "session.accepted.v1"))
        {
            _verdict.Broken("a job is accepted once, and first", $"{session}: {stored.Manifest}");
        }

        if (record.End is not null && stored.Manifest != "session.slices-given-back.v1")
        {
            _verdict.Broken("a job has one end", $"{session}: {stored.Manifest} after {record.End}");
        }

        record.IsAccepted = true;
        if (isEnd)
        {
            record.End = stored.Manifest;
            Ends[stored.Manifest] = Ends.GetValueOrDefault(stored.Manifest) + 1;
        }

        CheckEpochs(session, record, stored);
    }

    private void CheckEpochs(string session, SessionRecord record, StoredEvent stored)
    {
        switch (stored.Manifest)
        {
            case "session.accepted.v1":
                record.IsInteractive = Read(stored, SchedulerEventsJsonContext.Default.JobAccepted)
                    .Document.TryGetProperty("interactive", out _);
                break;
            case "session.started.v1":
                record.IsStarted = true;
                break;
            case "session.placed.v1":
                var placed = Read(stored, SchedulerEventsJsonContext.Default.SessionPlaced);
                if (record is { IsInteractive: true, IsStarted: true })
                {
                    _verdict.Broken("what a client has used is not begun anew elsewhere", $"{session}@{placed.Epoch}");
                }

                if (placed.Epoch <= record.Epoch)
                {
                    _verdict.Broken("epochs only grow", $"{session}: {placed.Epoch} after {record.Epoch}");
                }

                record.Epoch = placed.Epoch;
                record.Lease = (placed.Slices[0].Host, placed.Slices[0].HostLease);
                break;
            case "session.completed.v1":
                var completed = Read(stored, SchedulerEventsJsonContext.Default.SessionCompleted);
                if (!_devices.HasCompleted(session, completed.Epoch))
                {
                    _verdict.Broken("a result without a run", $"{session}@{completed.Epoch}");
                }

                break;
            case "session.attempt-lost.v1":
                _devices.CheckOver(session, record.Epoch, stored.Manifest);
                CheckLoss(session, record, Read(stored, SchedulerEventsJsonContext.Default.AttemptLost).Error);
                break;
            case "session.failed.v1":
                CheckLoss(session, record, Read(stored, SchedulerEventsJsonContext.Default.SessionFailed).Error);
                break;
            case "session.slices-given-back.v1":
                _devices.CheckOver(session, record.Epoch, stored.Manifest);
                break;
        }
    }

    /// <summary>A job gives up after several lost hosts: that must not be one and the same loss, again and again.</summary>
    private void CheckLoss(string session, SessionRecord record, JobError error)
    {
        if (error.Kind == "hostLost" && !record.LostLeases.Add(record.Lease))
        {
            _verdict.Broken(
                "a lease that is over takes one attempt of a session at most",
                $"{session}@{record.Epoch}: {record.Lease.Host}, lease {record.Lease.Number}");
        }
    }

    /// <summary>The mode that operators have set a device to; null: any.</summary>
    public GpuMode? ModeSetting(string host, int gpu) => _modes.GetValueOrDefault((host, gpu));

    private void OnCell(StoredEvent stored)
    {
        if (stored.Manifest == "cell.reserved.v1")
        {
            OnReserved(Read(stored, SchedulerEventsJsonContext.Default.SliceReserved));
        }
        else if (stored.Manifest == "cell.released.v1")
        {
            OnReleased(Read(stored, SchedulerEventsJsonContext.Default.SliceReleased));
        }
        else if (stored.Manifest == "cell.gpu-mode-set.v1")
        {
            OnModeSet(Read(stored, SchedulerEventsJsonContext.Default.GpuModeSet));
        }
    }

    private void OnReserved(SliceReserved reserved)
    {
        if (reserved.Epoch <= _lastEpoch)
        {
            _verdict.Broken("a cell's epochs only grow", $"{reserved.Session}: {reserved.Epoch} after {_lastEpoch}");
        }

        _lastEpoch = reserved.Epoch;
        if (!_reserved.TryAdd(reserved.Session, reserved))
        {
            _verdict.Broken("a session reserves once", $"{reserved.Session}@{reserved.Epoch}");
        }

        foreach (var slice in reserved.Slices)
        {
            CheckGiven(reserved.Session, slice, SlicesOn(slice.Host, slice.GpuIndex));
            SlicesOn(slice.Host, slice.GpuIndex).Add(slice);
        }
    }

    private void CheckGiven(string session, SliceGrant slice, List<SliceGrant> others)
    {
        var gpu = _gpuOf(slice.Host, slice.GpuIndex);
        if (others.Sum(other => other.MemoryBytes) + slice.MemoryBytes > gpu.MemoryBytes
            || others.Sum(other => other.ComputePercent) + slice.ComputePercent > 100
            || others.Sum(other => other.ComputeUnits) + slice.ComputeUnits > gpu.ComputeUnits
            || others.Exists(other => other.Name == slice.Name || SimulatedGpus.Overlap(gpu, other, slice)))
        {
            _verdict.Broken("a cell gives more than there is", $"{session}: {slice} beside {string.Join(", ", others)}");
        }

        var set = ModeSetting(slice.Host, slice.GpuIndex);
        if (others.Exists(other => other.Mode != slice.Mode) || (set is not null && slice.Mode != set)
            || slice.Mode is not { } mode || !SimulatedGpus.Allows(gpu, mode))
        {
            _verdict.Broken("a GPU is in one mode", $"{session}: {slice.Name} is {slice.Mode}, set is {set}");
        }
    }

    private void OnModeSet(GpuModeSet set)
    {
        _modes[(set.Host, set.GpuIndex)] = set.Mode;
        if (SlicesOn(set.Host, set.GpuIndex) is [var owned, ..])
        {
            _verdict.Broken("only an empty GPU changes its mode", $"{set.Host}/{set.GpuIndex} to {set.Mode}: {owned.Name}");
        }
    }

    private List<SliceGrant> SlicesOn(string host, int gpu)
    {
        if (!_onDevice.TryGetValue((host, gpu), out var slices))
        {
            _onDevice[(host, gpu)] = slices = [];
        }

        return slices;
    }

    private void OnReleased(SliceReleased released)
    {
        _devices.CheckOver(released.Session, released.Epoch, "cell.released.v1");
        if (!_reserved.Remove(released.Session, out var reserved) || reserved.Epoch != released.Epoch)
        {
            _verdict.Broken("a cell takes back what it gave", $"{released.Session}@{released.Epoch}");
            return;
        }

        foreach (var slice in reserved.Slices)
        {
            SlicesOn(slice.Host, slice.GpuIndex).Remove(slice);
        }
    }

    private static T Read<T>(StoredEvent stored, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(stored.Payload.Span, type)!;
}
