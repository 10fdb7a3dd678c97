using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Queueing.Pool;
using GpuActors.Scheduler.Queueing.Preemption;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests.Queueing;

/// <summary>
/// A pool in which sessions arrive, run and leave by a clock of its own: the queue with its quotas, its picture of the
/// pool and its preemption, and a cell that puts everything where it first fits.
/// </summary>
internal sealed class QueueWorld
{
    public const long Gibibyte = 1L << 30;
    public const long DeviceBytes = 40 * Gibibyte;

    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SortedSet<(DateTimeOffset At, string Session)> _ends = [];
    private readonly Dictionary<string, DateTimeOffset> _stops = [];
    private readonly Dictionary<string, (WaitingSession Session, TimeSpan Runs)> _all = [];
    private long _epoch;
    private int _slice;

    public QueueWorld(int hosts = 1, int gpus = 1, QueuePolicy? policy = null, params QueueSpec[] queues)
    {
        Pool = new PoolLoad(new GpuFit(GpuModels.BuiltIn));
        for (var host = 0; host < hosts; host++)
        {
            Pool.SetHost($"h{host}", [.. Enumerable.Range(0, gpus).Select(Gpu)]);
        }

        Quotas = new QuotaTree(queues) { Capacity = Pool.Capacity };
        Queue = new WaitingQueue(policy ?? new QueuePolicy(), new UsageLedger(Quotas), Pool);
        Planner = new PreemptionPlanner(Pool, Quotas);
    }

    public PoolLoad Pool { get; }

    public QuotaTree Quotas { get; }

    public WaitingQueue Queue { get; }

    public PreemptionPlanner Planner { get; }

    public DateTimeOffset Now { get; private set; } = Start;

    public bool Preempts { get; init; }

    /// <summary>Sessions in the order in which they got slices, again and again if they had to leave.</summary>
    public List<string> Served { get; } = [];

    public Dictionary<string, DateTimeOffset> StartedAt { get; } = [];

    public List<PreemptionPlan> Plans { get; } = [];

    /// <summary>Looks at each plan before it is carried out.</summary>
    public Action<PreemptionPlan, Candidate> Planned { get; init; } = (_, _) => { };

    /// <summary>Looks at the world after each change.</summary>
    public Action<QueueWorld> Changed { get; init; } = _ => { };

    public IEnumerable<string> Running => Pool.Running.Keys;

    /// <summary>Tries of the cell that ended in a refusal.</summary>
    public int Refusals { get; private set; }

    public static WaitingSession Session(
        string id,
        int percent = 100,
        int priority = 0,
        int second = 0,
        string tenant = "t",
        string queue = QueueSpec.DefaultName,
        JobClass jobClass = JobClass.Normal,
        bool? preemptible = null,
        int? limitSeconds = 100,
        int graceSeconds = 5,
        GangTicket? gang = null) => new(id, Request(percent), priority, Start.AddSeconds(second), [])
        {
            Gang = gang,
            Terms = new QueueTerms
            {
                Tenant = tenant,
                Queue = queue,
                Class = jobClass,
                Priority = priority,
                Preemptible = preemptible,
                Grace = TimeSpan.FromSeconds(graceSeconds),
                TimeLimit = limitSeconds is { } limit ? TimeSpan.FromSeconds(limit) : null,
                InGang = gang is not null,
            },
        };

    public static GpuRequest Request(int percent) => percent == 100
        ? new GpuRequest { Whole = true }
        : new GpuRequest { ComputePercent = percent, MemoryBytes = percent * (DeviceBytes / 100) };

    public static GpuInventory Gpu(int index) => new(index, "A100-SXM4-40GB", "NVIDIA", "1", "gpu", DeviceBytes, 108);

    /// <summary>A session arrives.</summary>
    public QueueWorld Submit(WaitingSession session, int runSeconds = 100)
    {
        _all[session.Session] = (session, TimeSpan.FromSeconds(runSeconds));
        Queue.Add(session).ShouldBeTrue();
        Serve();
        return this;
    }

    /// <summary>Time passes; who is over leaves.</summary>
    public void Pass(int seconds)
    {
        var until = Now.AddSeconds(seconds);
        while (_ends.Count > 0 && _ends.Min.At <= until)
        {
            var (at, session) = _ends.Min;
            Now = at;
            var stopped = _stops.Remove(session, out var stop) && stop == at;
            Leave(session);
            if (stopped)
            {
                Queue.Add(_all[session].Session).ShouldBeTrue();
            }

            Serve();
        }

        Now = until;
        Serve();
    }

    /// <summary>A session ends before its time.</summary>
    public void End(string session)
    {
        _stops.Remove(session);
        Leave(session);
        Serve();
    }

    /// <summary>Whatever may go, goes.</summary>
    public void Serve()
    {
        while (true)
        {
            while (Queue.TryTake(Now, out var next))
            {
                Try(next);
                Changed(this);
            }

            if (!Preempts || !Preempt())
            {
                Changed(this);
                return;
            }
        }
    }

    private void Try(Dispatch next)
    {
        var attempt = new GangAttempt(next.Unit);
        var got = new Dictionary<string, SliceGrant[]>();
        foreach (var member in next.Unit.Members)
        {
            if (Place(member, next) is { } slices)
            {
                got[member.Session] = slices;
                attempt.Reserved(member.Session, ++_epoch).ShouldBeTrue();
                Pool.Add(new RunningSession(member.Session, _epoch, member.Terms, slices, Now));
            }
            else
            {
                Refusals++;
                var couldFit = Pool.Devices.Any(d => Pool.Fit.SurelyServes(member.Request, d.FreeWithout(_ => true)));
                attempt.Refused(member.Session, "No room.", couldFit).ShouldBeTrue();
            }
        }

        if (attempt.IsServed)
        {
            Queue.Placed(next.Unit, got);
            foreach (var session in got.Keys)
            {
                Served.Add(session);
                StartedAt[session] = Now;
                _ends.Add((Now + _all[session].Runs, session));
            }

            return;
        }

        foreach (var session in attempt.Epochs.Keys)
        {
            Pool.Remove(session);
        }

        Queue.PutBack(next.Unit, attempt.CouldFit, attempt.Refusal);
    }

    private SliceGrant[]? Place(WaitingSession member, Dispatch next)
    {
        foreach (var device in Pool.Devices)
        {
            if (!next.Forbidden.Contains(device.Name) && Pool.Fit.SurelyServes(member.Request, device.Free))
            {
                Queue.Kept.ShouldNotContain(
                    kept => kept.For != next.Unit.Id && kept.Devices.Contains(device.Name), "nobody takes what is kept");
                var share = member.Request.ShareOf(DeviceBytes);
                return
                [
                    new SliceGrant(
                        $"{device.Name}/s{_slice++}", device.Host, device.Gpu.Index, share.MemoryBytes,
                        share.ComputePercent, member.Request.Whole),
                ];
            }
        }

        return null;
    }

    private bool Preempt()
    {
        var any = false;
        foreach (var candidate in Queue.FirstResting(8))
        {
            var taken = Queue.KeptFrom(candidate.Unit);
            if (Planner.Find(candidate, Now, taken, _stops.Keys.ToHashSet()) is not { } plan)
            {
                continue;
            }

            Planned(plan, candidate);
            Plans.Add(plan);
            Queue.Keep(plan.For.Id, plan.Devices);
            foreach (var (session, _) in plan.Victims)
            {
                var end = _ends.Single(e => e.Session == session.Session);
                var stop = Now + session.Terms.Grace;
                if (stop < end.At)
                {
                    _ends.Remove(end);
                    _ends.Add((stop, session.Session));
                    _stops[session.Session] = stop;
                }
            }

            any = true;
        }

        return any && _ends.Min.At <= Now && PassNow();
    }

    private bool PassNow()
    {
        Pass(0);
        return true;
    }

    private void Leave(string session)
    {
        var slices = Pool.Running[session].Slices;
        _ends.RemoveWhere(end => end.Session == session);
        Pool.Remove(session).ShouldBeTrue();
        Queue.Released(session);
        Queue.CapacityFreed([.. slices.Select(slice => Pool.FreeOn($"{slice.Host}/{slice.GpuIndex}")!).Distinct()]);
        Changed(this);
    }
}
