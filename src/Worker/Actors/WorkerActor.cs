using GpuActors.Actors;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Sharing;
using Microsoft.Extensions.Logging;

namespace GpuActors.Worker.Actors;

/// <summary>
/// The host's end of the conversation with the scheduler: registers, renews the lease, hands attempts to devices and
/// reports to the scheduler. When the lease ends unrenewed the host is cut off: every attempt is ended before the
/// scheduler gives the slices to anybody else.
/// </summary>
public sealed partial class WorkerActor : ReceiveActor, IWithTimers
{
    /// <summary>Renewals without an answer after which another scheduler node is asked.</summary>
    private const int UnansweredLimit = 2;

    private readonly WorkerIdentity _identity;
    private readonly WorkerActorSettings _settings;
    private readonly GpuInventory[] _gpus;
    private readonly Dictionary<int, IActorRef> _devices = [];
    private readonly Dictionary<HeldAttempt, IActorRef> _held = [];
    private readonly HashSet<HeldAttempt> _running = [];
    private readonly HashSet<HeldAttempt> _ending = [];
    private readonly HostLease _lease = new();
    private readonly TimeProvider _time;
    private readonly Action<string> _blobAddressKnown;
    private readonly Action<long>? _leaseEndsAt;
    private readonly long _startedAt;
    private IActorRef? _twin;
    private long _leaseNumber;
    private ActorSelection? _sessions;
    private IActorRef? _leaver;
    private int _nextScheduler;
    private int _unanswered;
    private long _challenge;

    /// <summary>A worker for <paramref name="gpus"/>, each served by the device actor that the props make.</summary>
    public WorkerActor(
        WorkerIdentity identity,
        WorkerActorSettings settings,
        GpuInventory[] gpus,
        Func<GpuInventory, Props> deviceProps,
        Action<string> blobAddressKnown,
        Action<long>? leaseEndsAt = null,
        ISliceUsageSource? usage = null)
    {
        _leaseEndsAt = leaseEndsAt;
        _usage = usage;
        _identity = identity;
        _settings = settings;
        _gpus = gpus;
        _blobAddressKnown = blobAddressKnown;
        _time = Context.System.Runtime.Time;
        _startedAt = _time.GetTimestamp();
        foreach (var gpu in gpus)
        {
            _devices[gpu.Index] = Context.ActorOf(deviceProps(gpu), $"device-{gpu.Index}");
        }

        Receive<Beat>(_ => OnBeat());
        Receive<WorkerRegistered>(OnRegistered, m => m.Incarnation == _identity.Incarnation);
        Receive<RegistrationRefused>(OnRefused, m => m.Incarnation == _identity.Incarnation);
        Receive<LeaseRenewed>(OnRenewed, m => m.Incarnation == _identity.Incarnation);
        Receive<UnknownWorker>(OnUnknown, m => m.Incarnation == _identity.Incarnation);
        Receive<Terminated>(OnTwinGone);
        Receive<StartAttempt>(OnStart);
        Receive<StopAttempt>(OnStop);
        Receive<ConfirmAttempt>(OnConfirm);
        Receive<AttemptEndedAck>(ack => Find(ack.Session, ack.Epoch)?.Tell(ack));
        Receive<SlicesFree>(free => Ended(free.Attempt));
        Receive<AttemptForgotten>(OnForgotten);
        Receive<ToSessions>(message => _sessions?.Tell(message.Message, Sender));
        Receive<UsageDue>(_ => ReportUsage());
        Receive<GetHealth>(_ => Sender.Tell(HealthNow()));
        Receive<LeaveCluster>(_ => OnLeave());
        Receive<LeaveTimeout>(_ => FinishLeaving());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Now => _time.GetElapsedTime(_startedAt);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(Beat.Instance, Beat.Instance, _settings.HeartbeatInterval);
        if (_usage is not null)
        {
            Timers.StartPeriodicTimer(UsageDue.Instance, UsageDue.Instance, UsageInterval);
        }

        Register();
    }

    private void OnBeat()
    {
        if (_held.Count > 0 && !_lease.HoldsAt(Now))
        {
            Context.GetLogger().LogWarning(
                "The lease has ended and no scheduler answers: ending {Count} attempt(s).", _held.Count);
            _ending.UnionWith(_running);
            TellDevices(new EndAttempts("hostCutOff", "The host was cut off from the scheduler and its lease ended."));
        }

        if (_twin is null || _unanswered >= UnansweredLimit)
        {
            LoseTwin();
            Register();
        }
        else
        {
            _unanswered++;
            _twin.Tell(new RenewLease(_identity.Host, _identity.Incarnation, Now));
        }
    }

    private void Register()
    {
        if (_leaver is not null)
        {
            return;
        }

        var scheduler = _settings.Schedulers[_nextScheduler++ % _settings.Schedulers.Count];
        var register = new RegisterWorker(
            _identity.Host,
            _identity.HostId,
            _identity.Incarnation,
            _identity.Version,
            _gpus,
            _settings.Slots,
            [.. _held.Keys],
            Now,
            _challenge,
            _identity.Machine);
        Context.ActorSelection($"{scheduler}/user/hosts").Tell(register, Self);
    }

    private void OnRenewed(LeaseRenewed renewed)
    {
        _unanswered = 0;
        ExtendLease(renewed.SentAt, renewed.Lease);
    }

    private void OnRegistered(WorkerRegistered registered)
    {
        _unanswered = 0;
        ExtendLease(registered.SentAt, registered.Lease);
        _leaseNumber = Math.Max(_leaseNumber, registered.LeaseNumber);
        if (Sender.Equals(_twin))
        {
            return;
        }

        LoseTwin();
        _twin = Context.Watch(Sender);
        _sessions = Context.ActorSelection($"{Sender.Path.Address}/user/sessions");
        _blobAddressKnown(registered.BlobAddress);
        Context.GetLogger().LogInformation("Registered with {Scheduler}.", Sender.Path.Address);
        TellDevices(new SchedulerFound());
    }

    private void ExtendLease(TimeSpan sentAt, TimeSpan lease)
    {
        _lease.Extend(sentAt, lease - _settings.LeaseMargin);
        _leaseEndsAt?.Invoke(_startedAt + (long)(_lease.EndsAt.TotalSeconds * _time.TimestampFrequency));
    }

    private void OnRefused(RegistrationRefused refused) =>
        Context.GetLogger().LogError("The scheduler refuses this worker: {Reason}", refused.Reason);

    private void OnUnknown(UnknownWorker unknown)
    {
        _challenge = unknown.Challenge;
        LoseTwin();
        Register();
    }

    private void OnTwinGone(Terminated terminated)
    {
        if (terminated.ActorRef.Equals(_twin))
        {
            LoseTwin();
            Register();
        }
    }

    private void LoseTwin()
    {
        if (_twin is not null)
        {
            Context.Unwatch(_twin);
        }

        (_twin, _sessions) = (null, null);
    }

    private void OnStart(StartAttempt start)
    {
        // The scheduler may have given away what the last lease's attempts still hold; it sends this again.
        if (_leaver is not null || !_lease.HoldsAt(Now) || _ending.Count > 0)
        {
            return;
        }

        if (start.Slices[0].HostLease is > 0 and var granted && granted < _leaseNumber)
        {
            return; // it was under way while the host was lost
        }

        var attempt = new HeldAttempt(start.Session, start.Epoch);
        if (_devices.TryGetValue(start.Slices[0].GpuIndex, out var device))
        {
            if (_held.TryAdd(attempt, device))
            {
                _running.Add(attempt);
            }

            device.Forward(start);
        }
        else
        {
            Refuse(attempt, "noSuchDevice", $"Host {_identity.Host} has no GPU {start.Slices[0].GpuIndex}.");
        }
    }

    private void OnStop(StopAttempt stop)
    {
        if (Find(stop.Session, stop.Epoch) is { } device)
        {
            device.Forward(stop);
        }
        else
        {
            Refuse(new HeldAttempt(stop.Session, stop.Epoch), "unknownAttempt", "The host does not run this attempt.");
        }
    }

    private void OnConfirm(ConfirmAttempt confirm)
    {
        if (Find(confirm.Session, confirm.Epoch) is null)
        {
            const string message = "The host does not run this attempt any more.";
            Refuse(new HeldAttempt(confirm.Session, confirm.Epoch), "workerStopped", message);
        }
    }

    private void Refuse(HeldAttempt attempt, string kind, string message) => _sessions?.Tell(
        new AttemptEnded(attempt.Session, attempt.Epoch, AttemptOutcomes.Refused(kind, message)), Self);

    private void Ended(HeldAttempt attempt)
    {
        _running.Remove(attempt);
        _ending.Remove(attempt);
    }

    private void OnForgotten(AttemptForgotten forgotten)
    {
        Ended(forgotten.Attempt);
        _held.Remove(forgotten.Attempt);
        if (_leaver is not null && _held.Count == 0)
        {
            FinishLeaving();
        }
    }

    private void OnLeave()
    {
        _leaver = Sender;
        TellDevices(new EndAttempts("workerStopped", $"The worker of host {_identity.Host} was stopped."));
        if (_held.Count == 0)
        {
            FinishLeaving();
        }
        else
        {
            Timers.StartSingleTimer(LeaveTimeout.Instance, LeaveTimeout.Instance, _settings.LeaveTimeout);
        }
    }

    private void FinishLeaving()
    {
        Timers.CancelAll();
        _twin?.Tell(new WorkerLeaving(_identity.Host, _identity.Incarnation));
        _leaver?.Tell(new LeftCluster());
        LoseTwin();
    }

    private IActorRef? Find(string session, long epoch) => _held.GetValueOrDefault(new HeldAttempt(session, epoch));

    private void TellDevices(object message)
    {
        foreach (var device in _devices.Values)
        {
            device.Tell(message, Self);
        }
    }

    private sealed record Beat
    {
        public static readonly Beat Instance = new();
    }

    private sealed record LeaveTimeout
    {
        public static readonly LeaveTimeout Instance = new();
    }
}
