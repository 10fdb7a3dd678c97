using System.Diagnostics;
using GpuActors.Shared.Devices;
using GpuActors.Worker.Executors.Engine;
using Microsoft.Extensions.Logging;

namespace GpuActors.Worker.Sharing;

/// <summary>
/// Grants turns on one GPU to the sessions that share its compute in time. A thread of its own: turns are milliseconds
/// long, and must not wait for a pool's. Whose turn it is decides <see cref="TurnOrder"/>; this carries it out, through a
/// page of memory that each executor shares with the worker.
/// </summary>
/// <remarks>
/// Kernels are not interrupted. When a turn is over the executor begins no more; the next turn begins when what runs has
/// ended, and the overrun is the executor's debt. While one session alone has work it keeps an open turn, also between
/// its kernels, so that sharing costs it nothing until somebody else comes.
/// </remarks>
internal sealed class DeviceArbiter : IDisposable
{
    /// <summary>Up to this part of a slice, what passes before an executor begins is not counted.</summary>
    private const int WakingPart = 8;

    /// <summary>A lost ring must not stop a GPU.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    /// <summary>By so much sleepers are woken late: the end of a turn is waited for awake.</summary>
    private static readonly TimeSpan SleepMin = TimeSpan.FromMicroseconds(80);

    private readonly ShareBell _bell;
    private readonly TimeSliceSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly object _gate = new();
    private readonly SortedDictionary<int, Sharer> _sharers = [];
    private TurnOrder? _order;
    private Sharer? _current;
    private long _sliceTicks;
    private bool _started;
    private volatile bool _stopping;

    /// <summary>Nothing runs before the first session joins.</summary>
    public DeviceArbiter(ShareBell bell, TimeSliceSettings settings, TimeProvider time, ILogger logger) =>
        (_bell, _settings, _time, _logger) = (bell, settings, time, logger);

    /// <summary>How many slices take turns here.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _sharers.Count;
            }
        }
    }

    /// <summary>A session begins to take turns. Its executor must not have begun it yet.</summary>
    /// <param name="page">Shared with its executor.</param>
    /// <param name="claim">What it is entitled to.</param>
    /// <param name="overran">
    /// Told once how long its kernel has held the device beyond its turn when that is more than may be: its process must
    /// go. Not called under a lock.
    /// </param>
    /// <param name="slice">
    /// Those who give the same name have one slice together: their turns are the same ones. Null: it has its slice alone.
    /// </param>
    /// <returns>To be disposed of when the session has ended, or its process is gone.</returns>
    public IDisposable Join(SharePage page, ShareClaim claim, Action<TimeSpan>? overran = null, string? slice = null)
    {
        lock (_gate)
        {
            var member = new Member(page, overran);
            page.SliceTicks = _sliceTicks;
            page.State = ShareState.Idle;
            if (slice is not null && _sharers.FirstOrDefault(s => s.Value.Slice == slice) is { Value: { } known } found)
            {
                known.Add(member);
                return new Membership(this, found.Key, member);
            }

            if (_order is null || _sharers.Count == 0)
            {
                var settings = _settings with { Policy = claim.Policy };
                _order = new TurnOrder(settings, claim.Positions);
                _sliceTicks = ToTicks(settings.SliceFor(claim.Positions));
            }

            var slot = 0;
            while (_sharers.ContainsKey(slot))
            {
                slot++;
            }

            page.SliceTicks = _sliceTicks;
            var sharer = new Sharer(slice);
            sharer.Add(member);
            _sharers.Add(slot, sharer);
            _order.Add(slot, claim.Part);
            StartThread();
            _bell.Ring();
            return new Membership(this, slot, member);
        }
    }

    public void Dispose()
    {
        _stopping = true;
        _bell.Ring();
        lock (_gate)
        {
            while (_started)
            {
                Monitor.Wait(_gate);
            }
        }
    }

    private long Now => _time.GetTimestamp();

    private void Leave(int slot, Member member)
    {
        lock (_gate)
        {
            var sharer = _sharers[slot];
            sharer.Remove(member); // its page may go when this returns
            if (sharer.Left)
            {
                _sharers.Remove(slot);
                _order!.Remove(slot);
            }

            _bell.Ring();
            while (sharer.Left && _current == sharer)
            {
                Monitor.Wait(_gate); // who has left has no turn when this returns
            }
        }
    }

    private void StartThread()
    {
        if (_started || _stopping)
        {
            return;
        }

        _started = true;
#pragma warning disable RS0030 // turns of a millisecond need a thread that nobody else uses
        new Thread(Run) { IsBackground = true, Name = "GPU arbiter" }.Start();
#pragma warning restore RS0030
    }

    private void Run()
    {
        try
        {
            // Otherwise the kernel may wake this thread 50 µs late, to save power: a twentieth of a turn.
            _ = Libc.Prctl(Libc.PrctlSetTimerSlack, 1, 0, 0, 0);
            while (!_stopping)
            {
                TakeTurn();
            }
        }
        catch (Exception e)
        {
            _logger.LogCritical(e, "The arbiter of a GPU failed; its sessions run without turns.");
            SetFree();
        }
        finally
        {
            lock (_gate)
            {
                _started = false;
                _current = null;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private void TakeTurn()
    {
        var heard = _bell.Rings;
        Turn? next;
        Sharer? sharer = null;
        var began = Now;
        lock (_gate)
        {
            ReadStates();
            next = _order!.Next(_time.GetElapsedTime(0, began));
            if (next is { } turn && _sharers.TryGetValue(turn.Slot, out sharer))
            {
                _current = sharer;
                var hasEnd = turn.Length != TimeSpan.MaxValue;
                sharer.Grant(hasEnd ? began + ToTicks(turn.Length) : long.MaxValue, hasEnd && _order.GivesIdleTimeAway);
            }
        }

        if (next is null)
        {
            _bell.Wait(heard, LookAgain);
            return;
        }

        if (sharer is null)
        {
            WaitUntil(began + ToTicks(next.Value.Length), () => !_stopping);
            End(next.Value, began);
            return;
        }

        var contested = next.Value.Length == TimeSpan.MaxValue ? HoldAlone(sharer) : Hold(sharer, next.Value, began);
        Withdraw(sharer);
        End(next.Value, contested);
    }

    /// <summary>A turn with an end. Where idle time is the others' it ends when there is nothing to run any more.</summary>
    /// <returns>
    /// From when on it counts. What it took to wake the executor is nobody's use of the GPU: it would cost who has many
    /// short turns more than others. It is the executor that says when it began, so it is believed to a degree.
    /// </returns>
    private long Hold(Sharer sharer, Turn turn, long began)
    {
        WaitUntil(began + ToTicks(turn.Length), () => !sharer.Left && !_stopping
            && !(_order!.GivesIdleTimeAway && sharer.State == ShareState.Idle));
        return sharer.BeganAt is > 0 and var ran ? Math.Clamp(ran, began, began + (_sliceTicks / WakingPart)) : began;
    }

    /// <summary>A turn without an end, until somebody else has work; then the rest of a slice, at most.</summary>
    /// <returns>From when on it counts: time that nobody else wanted costs nothing.</returns>
    private long HoldAlone(Sharer sharer)
    {
        while (!sharer.Left && !_stopping && !OthersWant(sharer))
        {
            var heard = _bell.Rings;
            if (!OthersWant(sharer))
            {
                _bell.Wait(heard, LookAgain);
            }
        }

        return Now;
    }

    private bool OthersWant(Sharer sharer)
    {
        lock (_gate)
        {
            return _sharers.Values.Any(other => other != sharer && other.State != ShareState.Idle);
        }
    }

    /// <summary>Nothing more begins; waits for what runs.</summary>
    private void Withdraw(Sharer sharer)
    {
        sharer.Withdraw();
        Interlocked.MemoryBarrier(); // the executor first says that it runs, then looks at its grant once more
        var over = Now;
        while (!sharer.Left && !_stopping)
        {
            var heard = _bell.Rings;
            if (sharer.State != ShareState.Runs)
            {
                return;
            }

            if (_time.GetElapsedTime(over, Now) is var overrun && overrun > _settings.OverrunMax && OthersWant(sharer))
            {
                sharer.TellOverrun(overrun);
            }

            _bell.Wait(heard, LookAgain);
        }
    }

    private void End(Turn turn, long countedFrom)
    {
        lock (_gate)
        {
            var now = Now;
            _order!.Ended(turn, _time.GetElapsedTime(countedFrom, now), _time.GetElapsedTime(0, now));
            _current = null;
            Monitor.PulseAll(_gate);
        }
    }

    private void WaitUntil(long end, Func<bool> goesOn)
    {
        var spin = default(SpinWait);
        while (goesOn())
        {
            var heard = _bell.Rings;
            var left = _time.GetElapsedTime(Now, end);
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            if (left <= SleepMin)
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }
            else if (goesOn())
            {
                _bell.Wait(heard, left < LookAgain ? left - SleepMin : LookAgain);
            }
        }
    }

    private void ReadStates()
    {
        foreach (var (slot, sharer) in _sharers)
        {
            _order!.SetWork(slot, sharer.State != ShareState.Idle);
        }
    }

    /// <summary>Better no shares than no work.</summary>
    private void SetFree()
    {
        lock (_gate)
        {
            foreach (var sharer in _sharers.Values)
            {
                sharer.Grant(long.MaxValue, false);
            }
        }
    }

    private long ToTicks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    /// <summary>Who takes a turn: a slice, with the executors that serve it.</summary>
    private sealed class Sharer(string? slice)
    {
        private readonly Lock _lock = new();
        private readonly List<Member> _members = [];
        private long _grantedUntil;
        private bool _ringsAtEnd;

        /// <summary>Null: it has one executor, always.</summary>
        public string? Slice => slice;

        /// <summary>All of its executors have left.</summary>
        public volatile bool Left;

        /// <summary>What the busiest of its executors does.</summary>
        public ShareState State
        {
            get
            {
                lock (_lock)
                {
                    var state = ShareState.Idle;
                    foreach (var member in _members)
                    {
                        state = member.Page.State > state ? member.Page.State : state;
                    }

                    return state;
                }
            }
        }

        /// <summary>When the first of its executors began a kernel under the newest grant; 0: none has.</summary>
        public long BeganAt
        {
            get
            {
                lock (_lock)
                {
                    var first = 0L;
                    foreach (var member in _members)
                    {
                        var began = member.Page.BeganAt;
                        first = began > 0 && (first == 0 || began < first) ? began : first;
                    }

                    return first;
                }
            }
        }

        /// <summary>One more executor, which has its part in a turn that lasts.</summary>
        public void Add(Member member)
        {
            lock (_lock)
            {
                _members.Add(member);
                member.Page.BeganAt = 0;
                member.Page.RingsAtEnd = _ringsAtEnd;
                member.Page.GrantedUntil = _grantedUntil;
                member.Page.TakesTurns = true;
            }
        }

        public void Remove(Member member)
        {
            lock (_lock)
            {
                _members.Remove(member);
                Left = _members.Count == 0;
                member.Page.TakesTurns = false;
                member.Page.GrantedUntil = 0;
                member.Page.Announce();
            }
        }

        public void Grant(long until, bool ringsAtEnd)
        {
            lock (_lock)
            {
                (_grantedUntil, _ringsAtEnd) = (until, ringsAtEnd);
                foreach (var member in _members)
                {
                    member.Page.RingsAtEnd = ringsAtEnd;
                    member.Page.BeganAt = 0;
                    member.Page.GrantedUntil = until;
                    member.Page.Announce();
                }
            }
        }

        public void Withdraw()
        {
            lock (_lock)
            {
                (_grantedUntil, _ringsAtEnd) = (0, true);
                foreach (var member in _members)
                {
                    member.Page.RingsAtEnd = true;
                    member.Page.GrantedUntil = 0;
                }
            }
        }

        /// <summary>Tells those whose kernels run.</summary>
        public void TellOverrun(TimeSpan overrun)
        {
            Member[] members;
            lock (_lock)
            {
                members = [.. _members.Where(member => member.Page.State == ShareState.Runs)];
            }

            foreach (var member in members)
            {
                member.TellOverrun(overrun);
            }
        }
    }

    private sealed class Member(SharePage page, Action<TimeSpan>? overran)
    {
        private Action<TimeSpan>? _overran = overran;

        public SharePage Page => page;

        public void TellOverrun(TimeSpan overrun) => Interlocked.Exchange(ref _overran, null)?.Invoke(overrun);
    }

    private sealed class Membership(DeviceArbiter arbiter, int slot, Member member) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                arbiter.Leave(slot, member);
            }
        }
    }
}
