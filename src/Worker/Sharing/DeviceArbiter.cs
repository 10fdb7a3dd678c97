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

    /// <summary>How many sessions take turns here.</summary>
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
    /// <returns>To be disposed of when the session has ended, or its process is gone.</returns>
    public IDisposable Join(SharePage page, ShareClaim claim, Action<TimeSpan>? overran = null)
    {
        lock (_gate)
        {
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

            page.GrantedUntil = 0;
            page.SliceTicks = _sliceTicks;
            page.State = ShareState.Idle;
            page.TakesTurns = true;
            _sharers.Add(slot, new Sharer(page, overran));
            _order.Add(slot, claim.Part);
            StartThread();
            _bell.Ring();
            return new Membership(this, slot);
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

    private void Leave(int slot)
    {
        lock (_gate)
        {
            if (!_sharers.Remove(slot, out var sharer))
            {
                return;
            }

            _order!.Remove(slot);
            sharer.Page.TakesTurns = false;
            sharer.Page.GrantedUntil = 0;
            sharer.Left = true;
            sharer.Page.Announce();
            _bell.Ring();
            while (_current == sharer)
            {
                Monitor.Wait(_gate); // its page may go when this returns
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
                sharer.Page.RingsAtEnd = hasEnd && _order.GivesIdleTimeAway;
                sharer.Page.BeganAt = 0;
                Grant(sharer, hasEnd ? began + ToTicks(turn.Length) : long.MaxValue);
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
            && !(_order!.GivesIdleTimeAway && sharer.Page.State == ShareState.Idle));
        return sharer.Page.BeganAt is > 0 and var ran ? Math.Clamp(ran, began, began + (_sliceTicks / WakingPart)) : began;
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
            return _sharers.Values.Any(other => other != sharer && other.Page.State != ShareState.Idle);
        }
    }

    /// <summary>Nothing more begins; waits for what runs.</summary>
    private void Withdraw(Sharer sharer)
    {
        lock (_gate)
        {
            if (!sharer.Left)
            {
                sharer.Page.RingsAtEnd = true;
                sharer.Page.GrantedUntil = 0;
            }
        }

        Interlocked.MemoryBarrier(); // the executor first says that it runs, then looks at its grant once more
        var over = Now;
        while (!sharer.Left && !_stopping)
        {
            var heard = _bell.Rings;
            if (sharer.Page.State != ShareState.Runs)
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
            _order!.SetWork(slot, sharer.Page.State != ShareState.Idle);
        }
    }

    private static void Grant(Sharer sharer, long until)
    {
        sharer.Page.GrantedUntil = until;
        sharer.Page.Announce();
    }

    /// <summary>Better no shares than no work.</summary>
    private void SetFree()
    {
        lock (_gate)
        {
            foreach (var sharer in _sharers.Values)
            {
                Grant(sharer, long.MaxValue);
            }
        }
    }

    private long ToTicks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    private sealed class Sharer(SharePage page, Action<TimeSpan>? overran)
    {
        private Action<TimeSpan>? _overran = overran;

        public SharePage Page => page;

        public volatile bool Left;

        public void TellOverrun(TimeSpan overrun) => Interlocked.Exchange(ref _overran, null)?.Invoke(overrun);
    }

    private sealed class Membership(DeviceArbiter arbiter, int slot) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                arbiter.Leave(slot);
            }
        }
    }
}
