using GpuActors.Actors;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Sessions;

namespace GpuActors.Scheduler.Queueing;

/// <summary>
/// A pool's queue. It keeps nothing durable: sessions announce themselves again, with the time of their submission.
/// Requests to the cell are pipelined, because the cell answers only once a reservation is durable. How many may be
/// under way grows with every success and shrinks with every refusal, as a TCP window does: an empty cell is filled
/// quickly, and a full one is not asked for every waiting session whenever one slice is freed. An unanswered request
/// is sent again.
/// </summary>
public sealed class QueueActor : ReceiveActor, IWithTimers
{
    private const int WindowLimit = 256;
    private const int WindowAtStart = 8;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    private readonly string _pool;
    private readonly SchedulerRegions _regions;
    private readonly WaitingQueue _queue;
    private readonly Dictionary<string, UnderWay> _underWay = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private int _window = WindowAtStart;

    /// <summary>The queue of <paramref name="pool"/>.</summary>
    public QueueActor(string pool, SchedulerRegions regions, int passLimit)
    {
        _pool = pool;
        _regions = regions;
        _queue = new WaitingQueue(passLimit);
        _time = Context.System.Runtime.Time;
        Receive<EnqueueSession>(OnEnqueue);
        Receive<WithdrawSession>(withdraw => _queue.Remove(withdraw.Session));
        Receive<Reserved>(OnReserved);
        Receive<NoRoom>(OnNoRoom);
        Receive<CapacityFreed>(_ => OnCapacityFreed());
        Receive<AskAgain>(_ => OnAskAgain());
        Receive<GetQueueLength>(_ => Sender.Tell(new QueueLength(_pool, _queue.Count + _underWay.Count)));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart() =>
        Timers.StartPeriodicTimer(AskAgain.Instance, AskAgain.Instance, AnswerTimeout);

    private void OnEnqueue(EnqueueSession enqueue)
    {
        var waiting = enqueue.Waiting;
        if (_underWay.ContainsKey(waiting.Session))
        {
            return;
        }

        if (_queue.Add(waiting))
        {
            TryWaiting();
        }

        // It may not be tried for long, because others who ask for the same found no room.
        if (!_underWay.ContainsKey(waiting.Session) && _queue.ReasonOf(waiting.Session) is { } reason)
        {
            _regions.Sessions.Tell(new SessionWaits(waiting.Session, reason), Self);
        }
    }

    private void OnReserved(Reserved reserved)
    {
        if (_underWay.Remove(reserved.Session, out var underWay))
        {
            _queue.Placed(underWay.Unit, [new(reserved.Session, reserved.Slices)]);
        }

        _regions.PlacementCounts.Placed();
        _window = Math.Min(_window + 1, WindowLimit);
        _regions.Sessions.Tell(new SlicesReserved(reserved.Session, reserved.Epoch, reserved.Slices), Self);
        TryWaiting();
    }

    private void OnNoRoom(NoRoom noRoom)
    {
        if (_underWay.Remove(noRoom.Session, out var underWay))
        {
            _regions.PlacementCounts.Refused();
            _window = Math.Max(_window / 2, 1);
            _queue.PutBack(underWay.Unit, noRoom.CouldFit, noRoom.Reason);
            _regions.Sessions.Tell(new SessionWaits(noRoom.Session, noRoom.Reason), Self);
        }

        TryWaiting();
    }

    private void OnCapacityFreed()
    {
        _queue.CapacityFreed();
        TryWaiting();
    }

    private void TryWaiting()
    {
        while (_underWay.Count < _window && _queue.TryTake(_time.GetUtcNow(), out var next))
        {
            Ask(next.Unit);
        }
    }

    private void Ask(WaitingUnit unit)
    {
        var waiting = unit.Members[0];
        _underWay[waiting.Session] = new UnderWay(unit, _time.GetTimestamp());
        _regions.TellCell(_pool, new ReserveSlices(waiting.Session, waiting.Request, waiting.Avoid), Self);
    }

    private void OnAskAgain()
    {
        foreach (var late in _underWay.Values.Where(u => _time.GetElapsedTime(u.AskedAt) >= AnswerTimeout).ToArray())
        {
            Ask(late.Unit);
        }
    }

    private sealed record UnderWay(WaitingUnit Unit, long AskedAt);

    private sealed record AskAgain
    {
        public static readonly AskAgain Instance = new();
    }
}
