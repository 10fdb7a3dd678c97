using GpuActors.Actors.TestKit;
using GpuActors.Scheduler.Placement;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Flow;

/// <summary>A host's worker as the scheduler sees it; what it says is up to the test.</summary>
internal sealed class HostProbe
{
    private const long MemoryBytes = 16L << 30;

    private readonly SchedulerRegions _regions;
    private readonly GpuInventory[] _gpus;
    private readonly int _slots;
    private readonly HostInventory? _machine;
    private Guid _hostId = Guid.NewGuid();
    private Guid _incarnation = Guid.NewGuid();

    public HostProbe(TestKit kit, SchedulerRegions regions, string name, int gpus, int slots, HostInventory? machine = null)
    {
        _machine = machine;
        _regions = regions;
        Name = name;
        _slots = slots;
        _gpus = [.. Enumerable.Range(0, gpus).Select(i => new GpuInventory(i, "A100", "NVIDIA", "1", "gpu", MemoryBytes, 8))];
        Probe = kit.CreateTestProbe();
        Probe.IgnoreMessages(message => message is LeaseRenewed);
    }

    public string Name { get; }

    public TestProbe Probe { get; }

    /// <summary>Registers as this machine, in this process or in a new one.</summary>
    public HostProbe Register(Guid? hostId = null, Guid? incarnation = null, params HeldAttempt[] held)
    {
        Announce(hostId, incarnation, held);
        var answer = Probe.FishForMessage<object>(
            message => message is WorkerRegistered or UnknownWorker { Challenge: not 0 });
        if (answer is UnknownWorker unknown)
        {
            Send(held, unknown.Challenge);
            Probe.FishForMessage<WorkerRegistered>(_ => true);
        }

        return this;
    }

    public void Announce(Guid? hostId = null, Guid? incarnation = null, params HeldAttempt[] held)
    {
        (_hostId, _incarnation) = (hostId ?? _hostId, incarnation ?? _incarnation);
        Send(held);
    }

    private void Send(HeldAttempt[] held, long challenge = 0) => Probe.Send(_regions.Hosts, new RegisterWorker(
        Name, _hostId, _incarnation, "1", _gpus, _slots, held, TimeSpan.Zero, challenge, _machine));

    /// <summary>The same machine's worker, seen by a scheduler that was started anew.</summary>
    public HostProbe MoveTo(TestKit kit, SchedulerRegions regions, params HeldAttempt[] held)
    {
        var moved = new HostProbe(kit, regions, Name, _gpus.Length, _slots, _machine);
        return moved.Register(_hostId, _incarnation, held);
    }

    /// <summary>What a cell hears when this host is up under a lease.</summary>
    public HostUp Up(long lease) => new(Name, _gpus, _slots, lease, _machine);

    public void Renew() => Probe.Send(_regions.Hosts, new RenewLease(Name, _incarnation, TimeSpan.Zero));

    /// <summary>What its worker says when it is stopped.</summary>
    public WorkerLeaving Leaving => new(Name, _incarnation);

    public void Report(params SliceUsage[] slices) => Report(_incarnation, slices);

    /// <summary>Reports as a process that may be another one.</summary>
    public void Report(Guid incarnation, params SliceUsage[] slices) =>
        Probe.Send(_regions.Hosts, new ReportUsage(Name, incarnation, slices));

    /// <summary>The next order to start a newer attempt than <paramref name="after"/>.</summary>
    public StartAttempt ExpectStart(long after = 0) => Probe.FishForMessage<StartAttempt>(start => start.Epoch > after);

    public void Started(StartAttempt attempt) =>
        Probe.Send(_regions.Sessions, new AttemptStarted(attempt.Session, attempt.Epoch, TimeSpan.Zero));

    /// <summary>Says that the client of a session may come.</summary>
    public void Opened(StartAttempt attempt) => Probe.Send(
        _regions.Sessions,
        new AttemptStarted(
            attempt.Session, attempt.Epoch, TimeSpan.Zero, new SessionEndpoint($"{Name}:7", "ab", null, "machine-1")));

    /// <summary>Says that a session has ended in order, and why.</summary>
    public void EndSession(StartAttempt attempt, string why)
    {
        Probe.Send(_regions.Sessions, new AttemptEnded(
            attempt.Session, attempt.Epoch,
            new AttemptOutcome(AttemptResult.Completed, null, [], why, TimeSpan.FromSeconds(1))));
        Probe.FishForMessage<AttemptEndedAck>(ack => ack.Session == attempt.Session && ack.Epoch == attempt.Epoch);
    }

    /// <summary>Says that it does not run what it is told to stop.</summary>
    public void Refuse(StopAttempt stop)
    {
        var error = new JobError { Kind = "unknownAttempt", Message = "The host does not run this attempt." };
        Probe.Send(_regions.Sessions, new AttemptEnded(
            stop.Session, stop.Epoch, new AttemptOutcome(AttemptResult.Refused, error, [], "", TimeSpan.Zero)));
    }

    /// <summary>Says that an attempt has ended, and waits until that is acknowledged.</summary>
    public void End(StartAttempt attempt, AttemptResult result)
    {
        var error = result == AttemptResult.Completed ? null : new JobError { Kind = "noExecutor", Message = "It broke." };
        Probe.Send(_regions.Sessions, new AttemptEnded(
            attempt.Session, attempt.Epoch, new AttemptOutcome(result, error, [], "", TimeSpan.FromSeconds(1))));
        Probe.FishForMessage<AttemptEndedAck>(ack => ack.Session == attempt.Session && ack.Epoch == attempt.Epoch);
    }
}
