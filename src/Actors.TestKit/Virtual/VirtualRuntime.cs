using GpuActors.Actors.TestKit.Simulation;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.TestKit;

/// <summary>
/// The outside world of a simulation: one thread, virtual time, seeded randomness and a network inside the process.
/// Work runs only inside <see cref="RunUntilIdle"/>, <see cref="Advance"/> and <see cref="RunUntil"/>, one item at a
/// time, the seed choosing among those that are ready. The same seed and the same calls give the same run;
/// <see cref="Fingerprint"/> tells runs apart. Time moves only when nothing is ready.
/// </summary>
public sealed class VirtualRuntime : IActorRuntime
{
    private const int StepsAtOneInstantMax = 20_000_000;

    private readonly Lock _lock = new();
    private readonly List<ReadyItem> _ready = [];
    private readonly SeededRandomSource _choices;
    private readonly VirtualTimeProvider _time;
    private readonly VirtualSynchronizationContext _context;
    private int _runningThreadId;
    private string? _escape;
    private ulong _fingerprint = 14695981039346656037;
    private long _stepsAtThisInstant;

    /// <param name="seed">Decides every choice of the run.</param>
    /// <param name="start">The clock's first time; the default is 2030-01-01 UTC.</param>
    public VirtualRuntime(long seed = 1, DateTimeOffset? start = null)
    {
        Seed = seed;
        var root = new SeededRandomSource(seed);
        _choices = root.Split();
        Random = root.Split();
        _time = new VirtualTimeProvider(this, start ?? new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        _context = new VirtualSynchronizationContext(this);
        Network = new VirtualNetwork(this);
    }

    public long Seed { get; }

    public TimeProvider Time => _time;

    public IRandomSource Random { get; }

    public INetwork Network { get; }

    /// <summary>Time since the start.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(_time.ElapsedTicks);

    /// <summary>Items of work done.</summary>
    public long Steps { get; private set; }

    /// <summary>A hash of all choices and times so far: equal for equal runs.</summary>
    public ulong Fingerprint => _fingerprint;

    public void Execute(IThreadPoolWorkItem work) => Execute(work, owner: null);

    /// <summary>As <see cref="Execute(IThreadPoolWorkItem)"/>, as work of a simulated process.</summary>
    internal void Execute(IThreadPoolWorkItem work, SimulatedProcess? owner)
    {
        lock (_lock)
        {
            var running = Volatile.Read(ref _runningThreadId);
            if (running != 0 && running != Environment.CurrentManagedThreadId)
            {
                _escape ??= $"{work} came from another thread: something left the simulation (ConfigureAwait(false), "
                    + "a thread of its own, a task that completes on the thread pool).";
            }

            _ready.Add(new ReadyItem(work, owner));
        }
    }

    /// <summary>Works until nothing is ready. Time stands still.</summary>
    public void RunUntilIdle() => Advance(TimeSpan.Zero);

    /// <summary>Moves time, firing timers in the order they are due and doing all that follows.</summary>
    public void Advance(TimeSpan by) => RunUntil(static () => false, by);

    /// <summary>
    /// Works, and moves time when nothing is ready, until the condition holds. False when it does not within
    /// <paramref name="limit"/> of virtual time.
    /// </summary>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, TimeSpan.Zero);
        var deadline = _time.ElapsedTicks + limit.Ticks;
        var holds = false;
        RunInside(() =>
        {
            while (!(holds = condition()) && (RunOne() || MoveTime(deadline)))
            {
            }
        });
        return holds;
    }

    /// <summary>Works until the task has ended, and returns its result.</summary>
    /// <exception cref="TimeoutException">It has not ended within <paramref name="limit"/> of virtual time.</exception>
    public T Run<T>(Func<Task<T>> start, TimeSpan limit)
    {
        Task<T>? task = null;
        RunUntilCompleted(() => task = start(), limit);
#pragma warning disable VSTHRD002 // the task has completed, so this does not wait
        return task!.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    /// <inheritdoc cref="Run{T}(Func{Task{T}}, TimeSpan)"/>
    public void Run(Func<Task> start, TimeSpan limit)
    {
        Task? task = null;
        RunUntilCompleted(() => task = start(), limit);
#pragma warning disable VSTHRD002 // the task has completed, so this does not wait
        task!.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    private void RunUntilCompleted(Func<Task> start, TimeSpan limit)
    {
        Task? task = null;
        if (!RunUntil(() => (task ??= start()).IsCompleted, limit))
        {
            throw new TimeoutException($"The task did not end within {limit} of virtual time (seed {Seed}).");
        }
    }

    private void RunInside(Action loop)
    {
        if (Interlocked.CompareExchange(ref _runningThreadId, Environment.CurrentManagedThreadId, 0) != 0)
        {
            throw new InvalidOperationException("The simulation runs already; it has one thread.");
        }

        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_context);
        try
        {
            loop();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
            Volatile.Write(ref _runningThreadId, 0);
        }
    }

    private bool RunOne()
    {
        if (!TryTake(out var item))
        {
            return false;
        }

        if (item.Owner is { IsRunning: false } stopped)
        {
            stopped.Keep(item.Work);
            return true;
        }

        if (++_stepsAtThisInstant > StepsAtOneInstantMax)
        {
            throw new InvalidOperationException(
                $"{StepsAtOneInstantMax} steps without rest at {Elapsed}: actors keep each other busy (seed {Seed}).");
        }

        Steps++;
        SynchronizationContext.SetSynchronizationContext(item.Owner?.Context ?? _context);
        item.Work.Execute();
        return true;
    }

    private bool TryTake(out ReadyItem item)
    {
        lock (_lock)
        {
            if (_escape is not null)
            {
                throw new InvalidOperationException(_escape);
            }

            if (_ready.Count == 0)
            {
                item = default;
                return false;
            }

            var index = _choices.Next(_ready.Count);
            Mix((ulong)index);
            item = _ready[index];
            _ready[index] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
            return true;
        }
    }

    /// <summary>Moves to the next timer, or to the deadline when none comes before; false when already there.</summary>
    private bool MoveTime(long deadline)
    {
        var next = _time.NextDueTicks;
        if (next > deadline || (next is null && _time.ElapsedTicks >= deadline))
        {
            _time.MoveTo(deadline);
            return false;
        }

        if (next != _time.ElapsedTicks)
        {
            _stepsAtThisInstant = 0;
        }

        _time.MoveTo(next ?? deadline);
        Mix((ulong)_time.ElapsedTicks);
        _time.FireDue();
        return true;
    }

    /// <summary>Makes <paramref name="value"/> part of the <see cref="Fingerprint"/>.</summary>
    internal void Mix(ulong value) => _fingerprint = (_fingerprint ^ value) * 1099511628211;

    /// <summary>A timer on the simulation's own clock.</summary>
    internal VirtualTimer CreateTimer(Action fire) => _time.CreateTimer(fire);

    /// <summary>A timer of a process, whose clock runs at <paramref name="rate"/> times the simulation's.</summary>
    internal VirtualTimer CreateTimer(TimerCallback callback, object? state, SimulatedProcess owner, double rate) =>
        new(_time, callback, state, owner, rate);

    private readonly record struct ReadyItem(IThreadPoolWorkItem Work, SimulatedProcess? Owner);
}
