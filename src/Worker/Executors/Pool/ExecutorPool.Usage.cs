using GpuActors.Shared.Messages;
using GpuActors.Worker.Sharing;

namespace GpuActors.Worker.Executors.Pool;

// What sessions use, as their executors have noted it in memory that they share with the worker.
public sealed partial class ExecutorPool
{
    private readonly Dictionary<SliceOwner, KeptSession> _kept = [];
    private long _keptNumber;

    /// <inheritdoc/>
    public IReadOnlyList<SliceUsage> ReadAll()
    {
        lock (_lock)
        {
            return
            [
                .. _executors.Where(e => e is { Session: not null, Page: not null }).Select(Read)
                    .Concat(_kept.Values.Select(kept => kept.Former))
                    .GroupBy(usage => new SliceOwner(usage.Slice, usage.Session, usage.Epoch))
                    .Select(uses => uses.Aggregate(Sum)),
            ];
        }
    }

    /// <summary>
    /// An interactive session begins on a slice: its executors come and go, share the slice's memory, and what they have
    /// used stays counted until the returned object is disposed.
    /// </summary>
    internal IDisposable KeepUsage(SessionRequest request)
    {
        var owner = SliceOwner.Of(request);
        var nothing = new SliceUsage(
            request.Slice, request.Session, request.Tenant, request.Epoch, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, 0, 0, 0,
            0, 0) { Streams = new StreamUsage(0, TimeSpan.Zero, TimeSpan.Zero, 0, 0) };
        lock (_lock)
        {
            _kept.Add(owner, new KeptSession(Path.Combine(_settings.SocketFolder, $"memory-{++_keptNumber}"), nothing));
        }

        return new KeptUsage(this, owner);
    }

    /// <summary>An executor joins those that serve its session, if more than one may. The lock is held.</summary>
    private void EnterLedger(PooledExecutor executor, SessionRequest request)
    {
        if (request.SharesSlice && _kept.TryGetValue(SliceOwner.Of(request), out var kept))
        {
            executor.Ledger = (kept.Path, kept.Enter());
        }
    }

    /// <summary>An executor is killed: what its session has of memory is free once it is gone. The lock is held.</summary>
    private void CloseLedger(PooledExecutor executor)
    {
        if (executor is { Session: { } session, Ledger: { } ledger } && _kept.TryGetValue(SliceOwner.Of(session), out var kept))
        {
            kept.Close(ledger.Entry);
        }
    }

    /// <summary>An executor's session is about to end. The lock is held.</summary>
    private void KeepLastUse(PooledExecutor executor)
    {
        if (executor is { Session: { } session, Page: not null } && _kept.TryGetValue(SliceOwner.Of(session), out var kept))
        {
            kept.Former = Sum(kept.Former, Read(executor)) with { MemoryBytes = 0 };
            if (executor.Ledger is { Entry: var entry })
            {
                kept.Leave(entry);
            }
        }

        executor.Ledger = null;
    }

    private static SliceUsage Sum(SliceUsage one, SliceUsage other) => one with
    {
        Busy = one.Busy + other.Busy,
        Queued = one.Queued + other.Queued,
        Throttled = one.Throttled + other.Throttled,
        Kernels = one.Kernels + other.Kernels,
        BytesIn = one.BytesIn + other.BytesIn,
        BytesOut = one.BytesOut + other.BytesOut,
        MemoryBytes = one.MemoryBytes + other.MemoryBytes,
        MemoryPeakBytes = Math.Max(
            Math.Max(one.MemoryPeakBytes, other.MemoryPeakBytes), one.MemoryBytes + other.MemoryBytes),
        Streams = one.Streams is { } streams && other.Streams is { } more ? streams.Add(more) : one.Streams ?? other.Streams,
    };

    /// <summary>What an executor says of its client's stream; nothing once it is gone.</summary>
    internal StreamUse ReadStream(PooledExecutor executor)
    {
        lock (_lock)
        {
            if (!_executors.Contains(executor) || executor.Page is not { } page)
            {
                return default;
            }

            var (now, stream) = (_time.GetTimestamp(), page.Stream);
            var activeAt = page.State == ShareState.Idle ? Math.Max(stream.HeardAt, page.WorkedAt) : now;
            return new StreamUse(Math.Min(activeAt, now), stream.BytesIn, stream.BytesOut);
        }
    }

    private SliceUsage Read(PooledExecutor executor)
    {
        var (session, page) = (executor.Session!, executor.Page!);
        var counters = page.Counters;
        var busy = Span(counters.Busy);
        if (page.State == ShareState.Runs && counters.RunsSince > 0)
        {
            busy += Span(Math.Max(0, _time.GetTimestamp() - counters.RunsSince)); // a kernel that still runs
        }

        executor.Busy = busy > executor.Busy ? busy : executor.Busy;
        return new SliceUsage(
            session.Slice,
            session.Session,
            session.Tenant,
            session.Epoch,
            executor.Busy,
            Span(counters.Queued),
            Span(counters.Throttled),
            counters.Kernels,
            counters.BytesIn,
            counters.BytesOut,
            counters.MemoryBytes,
            counters.MemoryPeakBytes) { Streams = session.SharesSlice ? ReadStreams(page.Stream) : null };
    }

    /// <summary>Both sides measure by themselves; what cannot be is cut off: nobody works longer on answers than is waited.</summary>
    private StreamUsage ReadStreams(StreamCounters stream)
    {
        var waited = TimeSpan.FromTicks(Math.Max(0, stream.WaitedNs) / TimeSpan.NanosecondsPerTick);
        var answering = Span(stream.Answering);
        return new StreamUsage(
            Math.Max(0, stream.Waits), waited, answering < waited ? answering : waited, stream.BytesIn, stream.BytesOut);
    }

    private TimeSpan Span(long ticks) => _time.GetElapsedTime(0, Math.Max(0, ticks));

    private sealed record SliceOwner(string Slice, string Session, long Epoch)
    {
        public static SliceOwner Of(SessionRequest request) => new(request.Slice, request.Session, request.Epoch);
    }

    private sealed class KeptUsage(ExecutorPool pool, SliceOwner owner) : IDisposable
    {
        public void Dispose()
        {
            lock (pool._lock)
            {
                if (pool._kept.Remove(owner, out var kept))
                {
                    kept.Dispose();
                }
            }
        }
    }
}

/// <summary>What has come and gone on a client's stream.</summary>
/// <param name="ActiveAt">When it last had something to do, in the clock's ticks; 0: never.</param>
/// <param name="BytesIn">Bytes received from the client.</param>
/// <param name="BytesOut">Bytes sent to the client.</param>
public readonly record struct StreamUse(long ActiveAt, long BytesIn, long BytesOut)
{
    /// <summary>The larger of each, since none of them ever goes back.</summary>
    public StreamUse AtLeast(StreamUse other) => new(
        Math.Max(ActiveAt, other.ActiveAt), Math.Max(BytesIn, other.BytesIn), Math.Max(BytesOut, other.BytesOut));
}
