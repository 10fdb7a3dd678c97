namespace GpuActors.Scheduler.Simulation.Runs;

/// <summary>
/// Does many independent pieces of work, so many at a time, each on a thread of its own that shares nothing with the
/// others. The first failure, or a cancellation, ends all of them.
/// </summary>
public static class RunSweep
{
    /// <summary>Deep enough for moves that chase others; the default of threads is not the same everywhere.</summary>
    private const int StackBytes = 16 * 1024 * 1024;

    /// <summary>Runs all of it; gives the results in the order of the work.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="threads">How many at a time, at least 1.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static T[] Run<T>(
        IReadOnlyList<Func<CancellationToken, T>> work, int threads, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var results = new T[work.Count];
        var next = -1;
        Exception? failure = null;

        void DoWork()
        {
            try
            {
                for (var i = Interlocked.Increment(ref next); i < work.Count; i = Interlocked.Increment(ref next))
                {
                    ending.Token.ThrowIfCancellationRequested();
                    results[i] = work[i](ending.Token);
                }
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
                ending.Cancel();
            }
        }

#pragma warning disable RS0030 // Pure computation for minutes; no actor waits for it.
        var workers = Enumerable.Range(0, Math.Min(threads, work.Count))
            .Select(_ => new Thread(DoWork, StackBytes) { IsBackground = true }).ToArray();
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
#pragma warning restore RS0030
        cancellationToken.ThrowIfCancellationRequested();
        return failure is null
            ? results
            : throw new InvalidOperationException($"A simulation failed: {failure.Message}", failure);
    }
}
