using GpuActors.Worker.OpenCL;
using GpuActors.Worker.Sharing;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>
/// Lets kernels of the session begin only in its turns, and counts what they use. A kernel that may begin at once is
/// enqueued as it is. Another is enqueued behind an event of ours, which is set when it is the session's turn and all
/// that the kernel waits for is done or sure to be done: what waits for the client, or for another queue, must not hold a
/// turn that others wait for.
/// </summary>
/// <remarks>
/// The reader begins commands, driver threads end them, a thread of our own hears of turns; the lock is short and no
/// OpenCL call is made under it.
/// </remarks>
internal sealed unsafe class TurnGate
{
    /// <summary>How much of a slice a kernel is thought to take of which nothing is known yet.</summary>
    private const int UnknownPart = 4;

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly SharePage _page;
    private readonly ShareBell _bell;
    private readonly TimeProvider _time;
    private readonly object _gate = new();
    private readonly List<QueueObject> _holding = [];
    private volatile CommandTracker _tracker = null!;
    private bool _takesTurns;
    private int _running;
    private long _estimate;
    private ShareState _state;
    private bool _isBlocked;
    private long _since;
    private long _lastEndNs;

    public TurnGate(SharePage page, ShareBell bell, TimeProvider time) => (_page, _bell, _time) = (page, bell, time);

    private long Now => _time.GetTimestamp();

    /// <summary>Begins to listen for turns.</summary>
    public void Start(CommandTracker tracker)
    {
        Follow(tracker);
#pragma warning disable RS0030 // the executor process is the real edge: a thread that sleeps on shared memory
        new Thread(Listen) { IsBackground = true, Name = "turns" }.Start();
#pragma warning restore RS0030
    }

    /// <summary>The session's commands are booked there from here on.</summary>
    public void Follow(CommandTracker tracker) => _tracker = tracker;

    /// <summary>A session is opened: the worker has said whether it takes turns.</summary>
    public void Open()
    {
        lock (_gate)
        {
            _takesTurns = _page.TakesTurns;
            _holding.Clear();
            _page.Counters = default;
            _page.Stream = default;
            _page.WorkedAt = 0;
            (_state, _isBlocked, _since, _lastEndNs) = (ShareState.Idle, false, Now, 0);
            _page.State = ShareState.Idle;
        }
    }

    /// <summary>
    /// A kernel is about to be enqueued. False: it must be enqueued behind an event, and handed to
    /// <see cref="Add"/> with it.
    /// </summary>
    /// <param name="launch">What is known of it.</param>
    /// <param name="queue">Where it goes.</param>
    /// <param name="blockers">What it waits for that may not be done for long.</param>
    public bool TryBegin(LaunchTicket launch, QueueObject queue, List<ICommandState> blockers)
    {
        lock (_gate)
        {
            if (!_takesTurns)
            {
                return Begin(launch);
            }

            Trim(queue);
            var mayRun = (!queue.IsInOrder || queue.Held.Count == 0) && blockers.TrueForAll(IsResolved);
            return mayRun && HasRoom(launch) && Begin(launch);
        }
    }

    /// <summary>It could not be enqueued.</summary>
    public void Cancel(LaunchTicket launch)
    {
        lock (_gate)
        {
            EndLaunch(launch);
        }

        Pump();
    }

    /// <summary>A command was enqueued. Those that can't run yet are remembered until they can.</summary>
    /// <param name="command">The command, a kernel or not.</param>
    /// <param name="blockers">What it waits for that may not be done for long.</param>
    public void Add(PendingCommand command, List<ICommandState> blockers)
    {
        if (!_takesTurns)
        {
            return;
        }

        lock (_gate)
        {
            var queue = command.Queue;
            Trim(queue);
            var closed = command.Launch is { HasBegun: false };
            if (!closed && (!queue.IsInOrder || queue.Held.Count == 0) && blockers.TrueForAll(IsResolved))
            {
                return;
            }

            command.MayRun = false;
            command.Blockers = [.. blockers.Where(blocker => !IsResolved(blocker))];
            if (queue.Held.Count == 0)
            {
                _holding.Add(queue);
            }

            queue.Held.AddLast(command);
        }
    }

    /// <summary>Commands of the queue that can't run yet.</summary>
    public ICommandState[] HeldOn(QueueObject queue)
    {
        lock (_gate)
        {
            return [.. queue.Held];
        }
    }

    /// <summary>A kernel has ended, or will never run.</summary>
    public void OnEnded(LaunchTicket launch, long startNs, long endNs)
    {
        lock (_gate)
        {
            if (launch.HasBegun && endNs > startNs)
            {
                _page.Counters.Kernels++;
                _page.Counters.Busy += ToTicks(Math.Max(0, endNs - Math.Max(startNs, _lastEndNs)));
                _lastEndNs = Math.Max(_lastEndNs, endNs);
                _page.Counters.RunsSince = Now;
                launch.Kernel.Learn(launch.Items, ToTicks(endNs - startNs));
            }

            EndLaunch(launch);
        }
    }

    /// <summary>Begins what can begin, and says what the session wants. Not to be called under a lock.</summary>
    public void Pump()
    {
        List<PendingCommand>? opened = null;
        lock (_gate)
        {
            var wants = false;
            for (var i = _holding.Count - 1; i >= 0; i--)
            {
                var queue = _holding[i];
                Release(queue, ref opened, ref wants);
                if (queue.Held.Count == 0)
                {
                    _holding.RemoveAt(i);
                }
            }

            Show(_running > 0 ? ShareState.Runs : wants ? ShareState.Wants : ShareState.Idle, _holding.Count > 0 && !wants);
        }

        if (opened is not null)
        {
            Open(opened);
        }
    }

    /// <summary>Bytes moved between client and device.</summary>
    public void CountBytes(long bytesIn, long bytesOut)
    {
        Interlocked.Add(ref _page.Counters.BytesIn, bytesIn);
        Interlocked.Add(ref _page.Counters.BytesOut, bytesOut);
        _page.WorkedAt = Now; // a transfer of a minute is work, too
    }

    /// <summary>A client's commands have come in.</summary>
    /// <param name="bytesIn">Bytes received from it in all.</param>
    /// <param name="bytesOut">Bytes sent to it in all.</param>
    public void NoteStream(ulong bytesIn, ulong bytesOut)
    {
        Volatile.Write(ref _page.Stream.BytesIn, (long)bytesIn);
        Volatile.Write(ref _page.Stream.BytesOut, (long)bytesOut);
        Volatile.Write(ref _page.Stream.HeardAt, Now);
    }

    /// <summary>How the program has waited, as it says.</summary>
    public void NoteWaits(in Shared.Commands.ReportWaits report)
    {
        Volatile.Write(ref _page.Stream.Waits, (long)Math.Min(report.Waits, long.MaxValue));
        Volatile.Write(ref _page.Stream.WaitedNs, (long)Math.Min(report.WaitedNs, long.MaxValue));
    }

    /// <summary>For how long, in ticks and in all, an answer was due.</summary>
    public void NoteAnswering(long ticks) => Volatile.Write(ref _page.Stream.Answering, ticks);

    /// <summary>Device memory in use now.</summary>
    public void NoteMemory(long bytes, long peakBytes)
    {
        Volatile.Write(ref _page.Counters.MemoryBytes, bytes);
        Volatile.Write(ref _page.Counters.MemoryPeakBytes, peakBytes);
    }

    private static bool IsResolved(ICommandState state) => state.MayRun;

    private void Listen()
    {
        while (true)
        {
            var heard = Volatile.Read(ref *_page.GrantNumber);
            Pump();
            Futex.Sleep(_page.GrantNumber, heard, LookAgain);
        }
    }

    private void Release(QueueObject queue, ref List<PendingCommand>? opened, ref bool wants)
    {
        for (LinkedListNode<PendingCommand>? node = queue.Held.First, next; node is not null; node = next)
        {
            next = node.Next;
            if (TryRelease(node.Value, ref opened, ref wants))
            {
                queue.Held.Remove(node);
            }
            else if (queue.IsInOrder)
            {
                return;
            }
        }
    }

    private bool TryRelease(PendingCommand command, ref List<PendingCommand>? opened, ref bool wants)
    {
        if (!command.HasEnded && !Array.TrueForAll(command.Blockers, IsResolved))
        {
            return false;
        }

        if (command.Launch is { HasBegun: false } launch)
        {
            if (!command.HasEnded && !(HasRoom(launch) && Begin(launch)))
            {
                wants = true;
                return false;
            }

            (opened ??= []).Add(command);
        }

        command.MayRun = true;
        command.Blockers = [];
        return true;
    }

    /// <summary>What stands first and has ended is no reason to hold what follows.</summary>
    private static void Trim(QueueObject queue)
    {
        while (queue.Held.First is { Value: { HasEnded: true, Launch: null } })
        {
            queue.Held.RemoveFirst();
        }
    }

    /// <summary>
    /// The turn lasts, and the device would begin with it before the turn is over; where nobody else wants the time,
    /// within a slice: who comes then must not wait for long. That it may end after the turn is the overrun that its
    /// session makes up for; a device that waits for every kernel's word loses more.
    /// </summary>
    private bool HasRoom(LaunchTicket launch)
    {
        var (now, until) = (Now, _page.GrantedUntil);
        if (now >= until)
        {
            return false;
        }

        var slice = _page.SliceTicks;
        launch.Estimate = launch.Kernel.Estimate(launch.Items) is > 0 and var known ? known : slice / UnknownPart;
        return _running == 0 || _estimate - (now - _page.Counters.RunsSince) < Math.Min(until - now, slice);
    }

    private bool Begin(LaunchTicket launch)
    {
        if (_running == 0)
        {
            Show(ShareState.Runs, false);
            if (_takesTurns)
            {
                Interlocked.MemoryBarrier(); // the arbiter first takes the grant back, then looks whether anything runs
                if (Now >= _page.GrantedUntil)
                {
                    Show(ShareState.Wants, false);
                    return false;
                }

                if (_page.BeganAt == 0)
                {
                    _page.BeganAt = Now;
                }
            }
        }

        _running++;
        _estimate += launch.Estimate;
        launch.HasBegun = true;
        return true;
    }

    private void EndLaunch(LaunchTicket launch)
    {
        if (launch.HasBegun && !launch.HasEnded)
        {
            launch.HasEnded = true;
            _running--;
            _estimate -= launch.Estimate;
        }
    }

    private void Show(ShareState state, bool isBlocked)
    {
        if (state == _state && isBlocked == _isBlocked)
        {
            return;
        }

        var now = Now;
        var elapsed = now - _since;
        if (_state == ShareState.Wants)
        {
            _page.Counters.Queued += elapsed;
            _page.Counters.Throttled += elapsed;
        }
        else if (_isBlocked && _state == ShareState.Idle)
        {
            _page.Counters.Queued += elapsed;
        }

        var wants = state == ShareState.Wants && _state != state;
        var ends = _state == ShareState.Runs && _state != state;
        (_state, _isBlocked, _since) = (state, isBlocked, now);
        _page.Counters.RunsSince = state == ShareState.Runs ? now : _page.Counters.RunsSince;
        _page.WorkedAt = now;
        _page.State = state;
        Interlocked.MemoryBarrier(); // the arbiter first says that it listens, then looks at the state
        if (_takesTurns && (wants || (ends && _page.RingsAtEnd)))
        {
            _bell.Ring();
        }
    }

    /// <summary>
    /// Sets the events. One callback half-way through and one at the end: the first lets more begin before the device
    /// has nothing left to do.
    /// </summary>
    private void Open(List<PendingCommand> opened)
    {
        foreach (var queue in opened.GroupBy(command => command.Queue))
        {
            PendingCommand[] launches = [.. queue];
            foreach (var command in launches)
            {
                _ = Cl.SetUserEventStatus(command.Launch!.Gate, 0);
                OpenClException.ThrowIfFailed(Cl.ReleaseEvent(command.Launch.Gate), "clReleaseEvent");
            }

            PendingCommand[] watched = !queue.Key.IsInOrder ? [] : launches.Length > 1
                ? [launches[launches.Length / 2 - 1], launches[^1]]
                : [launches[0]];
            foreach (var command in watched.Where(command => !command.HasEnded))
            {
                _tracker.Watch(command);
            }
        }
    }

    private long ToTicks(long nanoseconds) => (long)(nanoseconds * (_time.TimestampFrequency / 1e9));
}
