using GpuActors.Actors;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Cells;
using GpuActors.Scheduler.Queueing.Pool;
using GpuActors.Scheduler.Queueing.Preemption;
using GpuActors.Scheduler.Queueing.Quotas;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Devices;

namespace GpuActors.Scheduler.Queueing;

/// <summary>
/// A pool's queue: carries messages to <see cref="WaitingQueue"/>, which decides. It keeps nothing durable: sessions
/// announce themselves again, with the time of their submission, and the cell tells who holds what on which terms.
/// Requests to the cell are pipelined, because the cell answers only once a reservation is durable. How many may be
/// under way grows with every success and shrinks with every refusal, as a TCP window does: an empty cell is filled
/// quickly, and a full one is not asked for every waiting session whenever one slice is freed. An unanswered request
/// is sent again. A pool may have several cells: which one is asked is in <c>QueueActor.Routing.cs</c>.
/// </summary>
public sealed partial class QueueActor : ReceiveActor, IWithTimers
{
    private const int WindowLimit = 256;
    private const int WindowAtStart = 8;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PictureInterval = TimeSpan.FromSeconds(30);

    private readonly string _pool;
    private readonly SchedulerRegions _regions;
    private readonly PoolCells _cells;
    private readonly CellRouter? _router;
    private readonly PoolLoad _load;
    private readonly UsageLedger _ledger;
    private readonly WaitingQueue _queue;
    private readonly PreemptionPlanner _planner;
    private readonly Dictionary<string, UnderWay> _underWay = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private int _window = WindowAtStart;

    /// <summary>The queue of <paramref name="pool"/>.</summary>
    public QueueActor(string pool, SchedulerRegions regions, QueueTreeSettings settings, GpuModels models)
    {
        _pool = pool;
        _regions = regions;
        _cells = regions.CellsOf(pool);
        _router = _cells.Count == 1 ? null : new CellRouter((ulong)Context.System.Runtime.Random.Next(int.MaxValue));
        _load = new PoolLoad(new GpuFit(models), _cells);
        var quotas = new QuotaTree(settings.Queues.Select(QueueSpecs.Of));
        _ledger = new UsageLedger(quotas);
        _queue = new WaitingQueue(QueueSpecs.PolicyOf(settings), _ledger, _load);
        _planner = new PreemptionPlanner(_load, quotas);
        _reclaims = quotas.Queues.Any(queue => queue.Quota is not null);
        _time = Context.System.Runtime.Time;
        Receive<EnqueueSession>(OnEnqueue);
        Receive<WithdrawSession>(OnWithdraw);
        Receive<Reserved>(OnReserved);
        Receive<NoRoom>(OnNoRoom);
        Receive<CapacityFreed>(OnCapacityFreed);
        Receive<PoolChanged>(changed => AskForPicture(PoolCells.NumberOf(changed.Cell)));
        Receive<CellInventory>(OnPicture);
        Receive<AskAgain>(_ => OnAskAgain());
        Receive<RefreshPicture>(_ => AskForPictures());
        Receive<GetQueueLength>(_ => Sender.Tell(new QueueLength(_pool, _queue.Count + _underWay.Count)));
        Receive<GetQueues>(_ => Sender.Tell(new QueueList { Queues = QueueReport.Of(_ledger.Quotas) }));
        Receive<CountWaiting>(count => Sender.Tell(new WaitingCount(
            _ledger.Quotas.LeafOf(count.Queue, count.Tenant).Waiting)));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private DateTimeOffset Now => _time.GetUtcNow();

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(AskAgain.Instance, AskAgain.Instance, AnswerTimeout);
        Timers.StartPeriodicTimer(RefreshPicture.Instance, RefreshPicture.Instance, PictureInterval);
        AskForPictures();
    }

    private void OnEnqueue(EnqueueSession enqueue)
    {
        var waiting = enqueue.Waiting;
        NoteEpoch(waiting.LastEpoch);
        if (_underWay.TryGetValue(waiting.Session, out var underWay))
        {
            underWay.IsWithdrawn = false;
            return;
        }

        if (_queue.Add(waiting))
        {
            TryWaiting();
            MakeRoom();
        }

        // It may not be tried for long, because others who ask for the same found no room.
        if (!_underWay.ContainsKey(waiting.Session) && _queue.ReasonOf(waiting.Session) is { } reason)
        {
            _regions.Sessions.Tell(new SessionWaits(waiting.Session, reason), Self);
        }
    }

    private void OnWithdraw(WithdrawSession withdraw)
    {
        if (_queue.Remove(withdraw.Session))
        {
            ForgetPlan(withdraw.Session);
            TryWaiting();
        }
        else if (_underWay.TryGetValue(withdraw.Session, out var underWay))
        {
            underWay.IsWithdrawn = true; // if it gets slices it gives them back itself
        }
    }

    private void OnReserved(Reserved reserved)
    {
        NoteEpoch(reserved.Epoch);
        if (_underWay.Remove(reserved.Session, out var underWay))
        {
            var waiting = underWay.Next.Unit.Members[0];
            var terms = waiting.Terms with { Priority = waiting.Priority };
            _load.Add(new RunningSession(reserved.Session, reserved.Epoch, terms, reserved.Slices, Now)
            {
                HostTaken = waiting.HostDemand,
                Cell = PoolCells.NumberOf(reserved.Cell),
            });
            _queue.Placed(underWay.Next.Unit, [new(reserved.Session, reserved.Slices)]);
            ForgetPlan(reserved.Session);
        }

        _regions.PlacementCounts.Placed();
        _window = Math.Min(_window + 1, WindowLimit);
        _regions.Sessions.Tell(new SlicesReserved(reserved.Session, reserved.Epoch, reserved.Slices, reserved.Cell), Self);
        TryWaiting();
    }

    private void OnNoRoom(NoRoom told)
    {
        if (!_underWay.TryGetValue(told.Session, out var underWay))
        {
            TryWaiting();
        }
        else if (underWay.Cell == PoolCells.NumberOf(told.Cell) && !AsksNext(underWay, told))
        {
            OnRefused(underWay, CellAnswers.Merge(underWay.AllRefusals(told), _pool));
        }
    }

    /// <summary>No cell has room.</summary>
    private void OnRefused(UnderWay underWay, NoRoom noRoom)
    {
        _underWay.Remove(noRoom.Session);
        _regions.PlacementCounts.Refused();
        _window = Math.Max(_window / 2, 1);
        if (underWay.IsWithdrawn)
        {
            _queue.Drop(underWay.Next.Unit);
            ForgetPlan(noRoom.Session);
            TryWaiting();
            return;
        }

        _queue.PutBack(underWay.Next.Unit, noRoom.CouldFit, noRoom.Reason);
        RefusedThoughRoomWasMade(noRoom.Session);
        MakeRoom();
        _regions.Sessions.Tell(
            new SessionWaits(noRoom.Session, _queue.ReasonOf(noRoom.Session) ?? noRoom.Reason), Self);
        TryWaiting();
    }

    private void OnCapacityFreed(CapacityFreed freed)
    {
        var cell = PoolCells.NumberOf(freed.Cell);
        if (freed.Session is { } session)
        {
            Released(session, freed.Epoch, cell);
        }

        MayFitAgain(cell, freed.Gpus);
        if (freed.Gpus is { } gpus)
        {
            _queue.CapacityFreed(gpus);
        }
        else
        {
            _queue.CapacityFreed();
            AskForPicture(cell);
        }

        TryWaiting();
    }

    private void Released(string session, long epoch, int cell)
    {
        if (_load.Running.TryGetValue(session, out var running) && (running.Epoch > epoch || running.Cell != cell))
        {
            return; // it has been given others meanwhile
        }

        _load.Remove(session);
        _leaving.Remove(session);
        if (!_underWay.ContainsKey(session))
        {
            _queue.Released(session);
        }
    }

    private void TryWaiting()
    {
        // What is used is not known before the cell has said so.
        while (HasPicture && _underWay.Count < _window && _queue.TryTake(Now, out var next))
        {
            Ask(next);
        }

        _queue.TakeExpired(Now); // their sessions know themselves
    }

    private void Ask(Dispatch next)
    {
        var underWay = new UnderWay(next, _cells.Count);
        _underWay[next.Unit.Members[0].Session] = underWay;
        Ask(underWay, NextCell(underWay), next.Forbidden);
    }

    private void Ask(UnderWay underWay, int cell, string[] forbidden)
    {
        (underWay.Cell, underWay.AskedAt) = (cell, _time.GetTimestamp());
        var waiting = underWay.Next.Unit.Members[0];
        var terms = waiting.Terms with { Priority = waiting.Priority };
        _regions.TellCell(
            _cells.NameOf(cell),
            new ReserveSlices(
                waiting.Session, waiting.Request, waiting.Avoid, forbidden, terms, waiting.Needs, _lastEpoch),
            Self);
    }

    private void OnAskAgain()
    {
        foreach (var late in _underWay.Values.Where(u => _time.GetElapsedTime(u.AskedAt) >= AnswerTimeout).ToArray())
        {
            Ask(late, late.Cell, ForbiddenNow(late));
        }

        YieldAgain();
        AskForMissingPictures();
    }

    private string[] ForbiddenNow(UnderWay underWay) =>
        [.. underWay.Next.Forbidden.Union(_queue.KeptFrom(underWay.Next.Unit))];

    private sealed record AskAgain
    {
        public static readonly AskAgain Instance = new();
    }

    private sealed record RefreshPicture
    {
        public static readonly RefreshPicture Instance = new();
    }
}
