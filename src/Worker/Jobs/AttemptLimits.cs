using GpuActors.Worker.Executors.Pool;

namespace GpuActors.Worker.Jobs;

/// <summary>
/// Ends a session's executor when the attempt is stopped or its time is up. Only one of the two is the cause.
/// </summary>
internal sealed class AttemptLimits : IAsyncDisposable
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40); // a timer's bound is 49 days

    private readonly ExecutorSession _session;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenRegistration _onTime;
    private readonly CancellationTokenRegistration _onStop;
    private int _cause;

    public AttemptLimits(ExecutorSession session, TimeSpan limit, TimeProvider time, CancellationToken stop)
    {
        _session = session;
        limit = limit < LongestTimer ? limit : LongestTimer;
        _timer = new CancellationTokenSource(limit, time);
        _onTime = _timer.Token.UnsafeRegister(
            _ => Cut(AttemptCut.TimeLimit, $"time limit of {limit.TotalSeconds:0.###} s"), null);
        _onStop = stop.UnsafeRegister(_ => Cut(AttemptCut.Stop, "the attempt was stopped"), null);
    }

    /// <summary>Cancelled once the executor is being killed.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>What ended the executor, if it was one of the two.</summary>
    public AttemptCut Cause => (AttemptCut)Volatile.Read(ref _cause);

    /// <summary>True: the job came first, and nothing is cut any more.</summary>
    public bool TryFinish() =>
        Interlocked.CompareExchange(ref _cause, (int)AttemptCut.Finished, (int)AttemptCut.None) == (int)AttemptCut.None;

    /// <summary>Stops watching.</summary>
    public async ValueTask DisposeAsync()
    {
        await _onTime.DisposeAsync().ConfigureAwait(false);
        await _onStop.DisposeAsync().ConfigureAwait(false);
        _timer.Dispose();
        _ended.Dispose();
    }

    private void Cut(AttemptCut cause, string reason)
    {
        if (Interlocked.CompareExchange(ref _cause, (int)cause, (int)AttemptCut.None) == (int)AttemptCut.None)
        {
            _ = _session.KillAsync(reason);
            _ended.Cancel();
        }
    }
}

/// <summary>Why an attempt was cut short.</summary>
internal enum AttemptCut
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>Its time was up.</summary>
    TimeLimit,

    /// <summary>The scheduler, or the worker's end.</summary>
    Stop,

    /// <summary>It was done before.</summary>
    Finished,
}
