using GpuActors.Actors;
using GpuActors.Actors.Persistence;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Cells;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;
using Microsoft.Extensions.Logging;

namespace GpuActors.Scheduler.Hosts;

/// <summary>
/// The twin of one host. Its worker holds a lease: the worker counts it from when it asked, the twin from when it
/// answered, so the worker always believes that its lease ends first and has stopped its sessions by the time the twin
/// gives their slices up. A broken connection alone proves nothing; only the end of the lease, the worker's own word,
/// or a new process on the same data folder does. For as long as a lease holds the host stays with one cell, whatever the
/// settings say by then, so that no two cells ever give out what a worker has.
/// </summary>
public sealed partial class HostActor : ReceivePersistentActor, IWithTimers
{
    /// <summary>The kind of the entity index in which hosts are listed.</summary>
    public const string IndexKind = "host";

    private readonly string _host;
    private readonly SchedulerRegions _regions;
    private readonly HostSettings _settings;
    private readonly TimeProvider _time;
    private HostRegistered? _registered;
    private HostLeaseEnded? _ended;
    private IActorRef? _worker;
    private HostUp? _up;
    private long _lease;
    private DateTimeOffset _leaseEnds;
    private long _challenge;
    private long _lastEpoch;
    private HostUsage? _usage;

    /// <summary>The twin of <paramref name="host"/>.</summary>
    public HostActor(string host, SchedulerRegions regions, HostSettings settings)
    {
        _host = host;
        _regions = regions;
        _settings = settings;
        _time = Context.System.Runtime.Time;
        Recover<HostRegistered>(Apply);
        Recover<HostLeaseEnded>(Apply);
        Command<RegisterWorker>(OnRegister);
        Command<RenewLease>(OnRenew);
        Command<WorkerLeaving>(OnLeaving);
        Command<AnnounceHost>(_ => Announce());
        Command<StartAttempt>(OnStart);
        Command<ConfirmAttempt>(confirm => ToWorker(confirm, confirm.Session, confirm.Epoch));
        Command<StopAttempt>(stop => ToWorker(stop, stop.Session, stop.Epoch));
        Command<AttemptEndedAck>(message => _worker?.Tell(message, Self));
        Command<LeaseTimeout>(_ => EndLease("Its lease ran out: nothing was heard from its worker."));
        Command<PassivateIfGone>(_ => OnPassivateIfGone());
        Command<Terminated>(OnWorkerUnreachable);
        Command<ReportUsage>(OnUsage);
        Command<GetHostUsage>(_ => Sender.Tell(FreshUsage()));
        Command<GetHost>(_ => Sender.Tell(_registered is null ? new NoSuchHost(_host) : Status()));
    }

    private DateTimeOffset Now => _time.GetUtcNow();

    /// <inheritdoc/>
    public override string PersistenceId => $"host-{_host}";

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private HostState State => !HoldsLease ? HostState.Down : _worker is null ? HostState.Lost : HostState.Up;

    private bool HoldsLease => _registered is not null && _ended is null;

    /// <inheritdoc/>
    protected override IReadOnlyList<string> TagsOf(object @event) => [EventTags.OfHost(_host)];

    /// <summary>A lease that was given before a restart may still be believed in: wait for a whole one.</summary>
    protected override void OnReplaySuccess()
    {
        ShowState();
        if (HoldsLease)
        {
            ExtendLease();
        }
        else
        {
            Self.Tell(PassivateIfGone.Instance); // after what woke this twin: that may be the host, which is back
        }
    }

    /// <inheritdoc/>
    protected override void PostStop() => _regions.HostBoard.Remove(_host);

    private void OnPassivateIfGone()
    {
        if (_registered is not null && !HoldsLease)
        {
            Context.Parent.Tell(new Passivate(PoisonPill.Instance));
        }
    }

    private void OnRegister(RegisterWorker register)
    {
        if (HoldsLease && register.HostId != _registered!.HostId)
        {
            var reason = $"Another machine holds the name '{_host}' until its lease ends at {_leaseEnds:u}; "
                + "give this worker another name (worker.name).";
            Sender.Tell(new RegistrationRefused(_host, register.Incarnation, reason));
            return;
        }

        var sender = Sender;
        if (HoldsLease && register.Incarnation == _registered!.Incarnation)
        {
            Admit(register, sender);
            return;
        }

        if (HoldsLease && !Proves(register))
        {
            return;
        }

        var (replaced, former, formerCell) = (HoldsLease, _lease, _registered is null ? null : Cell);
        var happened = new HostRegistered(
            register.HostId,
            register.Incarnation,
            register.Version,
            sender.Path.Address.ToString(),
            register.Gpus,
            Now,
            register.Machine,
            PoolCells.SignatureOf(Cells.CellOf(_host)));
        PersistIndexed(happened, () =>
        {
            if (formerCell is not null && (replaced || Cell != formerCell))
            {
                var gone = new HostGone(_host, $"The worker of host {_host} was started anew.", former);
                _regions.TellCell(formerCell, gone, Self);
            }

            Admit(register, sender);
        });
    }

    /// <summary>Whether a process that would replace the one that holds the lease lives; it is asked if that is open.
    /// </summary>
    private bool Proves(RegisterWorker register)
    {
        if (_challenge != 0 && register.Challenge == _challenge)
        {
            _challenge = 0;
            return true;
        }

        _challenge = _challenge != 0 ? _challenge : 1 + Context.System.Runtime.Random.Next(int.MaxValue - 1);
        Sender.Tell(new UnknownWorker(register.Incarnation, _challenge));
        return false;
    }

    private void Admit(RegisterWorker register, IActorRef worker)
    {
        if (!worker.Equals(_worker))
        {
            if (_worker is not null)
            {
                Context.Unwatch(_worker);
            }

            _worker = worker;
            Context.Watch(worker);
            Context.GetLogger().LogInformation(
                "Host {Host} is up with {Gpus} GPU(s) at {Worker}.", _host, register.Gpus.Length, worker.Path);
        }

        ShowState();
        ExtendLease();
        worker.Tell(new WorkerRegistered(
            _host, register.Incarnation, register.SentAt, _settings.Lease, _settings.BlobAddress, _lease));
        _lastEpoch = Math.Max(_lastEpoch, register.Held.Select(held => held.Epoch).DefaultIfEmpty().Max());
        _up = new HostUp(_host, register.Gpus, register.Slots, _lease, register.Machine);
        Announce();
        foreach (var held in register.Held)
        {
            _regions.Sessions.Tell(new AttemptHeld(held.Session, held.Epoch, _host), Self);
        }
    }

    private void OnRenew(RenewLease renew)
    {
        if (HoldsLease && renew.Incarnation == _registered!.Incarnation && Sender.Equals(_worker))
        {
            ExtendLease();
            Sender.Tell(new LeaseRenewed(renew.Incarnation, renew.SentAt, _settings.Lease));
            Tell(new HostAlive(_host, _lease));
        }
        else
        {
            Sender.Tell(new UnknownWorker(renew.Incarnation));
        }
    }

    private void Announce()
    {
        if (HoldsLease && _worker is not null && _up is not null)
        {
            Tell(_up with { LastEpoch = _lastEpoch });
        }
    }

    private void OnStart(StartAttempt start)
    {
        _lastEpoch = Math.Max(_lastEpoch, start.Epoch);
        ToWorker(start, start.Session, start.Epoch, start.Slices[0].HostLease);
    }

    /// <summary>
    /// Without a lease nothing runs there any more. The session may not know: the cell's word that the host is gone can
    /// overtake its word that slices there were reserved. What was granted under an older lease is void as well: the
    /// cell has said, or will say, that it is lost, and gives its slices to others.
    /// </summary>
    private void ToWorker(object message, string session, long epoch, long lease = 0)
    {
        if (HoldsLease && (lease == 0 || lease == _lease))
        {
            _worker?.Tell(message, Self);
        }
        else if (lease <= _lease) // otherwise this twin is the one that has missed something
        {
            Sender.Tell(new SlicesLost(session, epoch, $"Host {_host} is gone."), Self);
        }
    }

    private void OnLeaving(WorkerLeaving leaving)
    {
        if (HoldsLease && leaving.Incarnation == _registered!.Incarnation)
        {
            EndLease("Its worker was stopped.");
        }
    }

    private void OnWorkerUnreachable(Terminated terminated)
    {
        if (terminated.ActorRef.Equals(_worker))
        {
            _worker = null;
            ShowState();
            Tell(new HostClosed(_host));
            Context.GetLogger().LogWarning(
                "The connection to host {Host} is gone; its lease ends at {LeaseEnds:u}.", _host, _leaseEnds);
        }
    }

    private void EndLease(string reason)
    {
        if (!HoldsLease)
        {
            return;
        }

        PersistIndexed(new HostLeaseEnded(_registered!.Incarnation, reason, Now), () =>
        {
            Timers.CancelAll();
            _worker = null;
            ShowState();
            Tell(new HostGone(_host, $"Host {_host} was lost. {reason}", _lease));
            Context.GetLogger().LogWarning("Host {Host} is down. {Reason}", _host, reason);
        });
    }

    private void ExtendLease()
    {
        _leaseEnds = Now + _settings.Lease + _settings.LeaseMargin;
        Timers.StartSingleTimer(LeaseTimeout.Instance, LeaseTimeout.Instance, _settings.Lease + _settings.LeaseMargin);
    }

    private PoolCells Cells => _regions.CellsOf(_settings.Pool);

    /// <summary>The cell that has the host under its lease.</summary>
    private string Cell => Cells.NameOf(_registered?.Cell);

    private void Tell(object message) => _regions.TellCell(Cell, message, Self);

    private void PersistIndexed<T>(T happened, Action then)
        where T : class =>
        PersistWith(
            happened,
            e =>
            {
                Apply(e);
                then();
            },
            IndexEntry(open: happened is HostRegistered));

    private EntityIndexEntry IndexEntry(bool open) => new()
    {
        Kind = IndexKind,
        Id = _host,
        Tenant = IndexKind,
        Status = open ? "registered" : "gone",
        IsOpen = open,
        CreatedAt = Now,
        UpdatedAt = Now,
        Data = "{}"u8.ToArray(),
    };

    private void Apply(object happened)
    {
        switch (happened)
        {
            case HostRegistered registered:
                (_registered, _ended, _lease, _usage) = (registered, null, LastSequenceNr, null);
                break;
            case HostLeaseEnded ended:
                (_ended, _usage) = (ended, null);
                break;
        }
    }

    private HostStatus Status() => HostDescriptions.Of(Standing(), _registered!.Machine ?? HostInventory.Unknown);

    private HostStatus Standing() => new()
    {
        Name = _host,
        Address = _registered!.Address,
        State = State,
        Version = _registered.Version,
        Lease = HoldsLease ? new HostLease(LastSequenceNr, _leaseEnds) : null,
    };

    private sealed record LeaseTimeout
    {
        public static readonly LeaseTimeout Instance = new();
    }

    private sealed record PassivateIfGone
    {
        public static readonly PassivateIfGone Instance = new();
    }
}
