using GpuActors.Actors.Persistence.Batching;
using GpuActors.Actors.Persistence.Store;
using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>
/// A thread with a connection of its own that takes what has gathered in a queue and writes it, in the order of the
/// calls: ordinary writes share transactions, others have one each. After the connection broke it opens another with
/// the next request.
/// </summary>
internal sealed class PostgresWriter : IAsyncDisposable
{
    private readonly PostgresEventStoreSettings _settings;
    private readonly TimeProvider _time;
    private readonly GroupCommitQueue<PostgresRequest> _queue;
    private readonly PostgresSession _session;
    private readonly HighestWritten _highest = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="settings">Bounds of a batch.</param>
    /// <param name="time">Measures how long transactions take.</param>
    /// <param name="source">Of the connection.</param>
    /// <param name="name">Of the thread.</param>
    public PostgresWriter(
        PostgresEventStoreSettings settings, TimeProvider time, NpgsqlDataSource source, string name)
    {
        _settings = settings;
        _time = time;
        _queue = new GroupCommitQueue<PostgresRequest>(settings.MaxQueuedRequests, settings.MaxQueuedBytes);
        _session = new PostgresSession(source);
#pragma warning disable RS0030 // A thread of its own, because it waits for the server most of the time.
        new Thread(Run) { IsBackground = true, Name = name }.Start();
#pragma warning restore RS0030
    }

    /// <summary>Adds a request, or throws if the queue is full or closed.</summary>
    public void Enqueue(PostgresRequest request) => _queue.Enqueue(request);

    /// <summary>Writes what is in the queue, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _stopped.Task;
        _session.Dispose();
    }

    private void Run()
    {
        var taken = new List<PostgresRequest>();
        while (_queue.Take(taken, _settings.MaxBatchRequests, _settings.MaxBatchBytes))
        {
            var shared = new List<PostgresRequest>();
            foreach (var request in taken)
            {
                if (request is not LoneRequest lone)
                {
                    shared.Add(request);
                    continue;
                }
                CommitShared(shared);
                shared.Clear();
                CommitAlone(lone);
            }
            CommitShared(shared);
            taken.Clear();
        }
        _stopped.SetResult();
    }

    private void CommitAlone(LoneRequest request)
    {
        try
        {
            _session.Transact(connection =>
            {
                request.Run(connection);
                return true;
            });
        }
        catch (Exception error)
        {
            request.Fail(PostgresErrors.Translate(error, "writing"));
            return;
        }
        if (!request.HasMore)
            request.Succeed();
        else if (!_queue.TryRequeue(request))
            request.Fail(new ObjectDisposedException(nameof(PostgresEventStore)));
    }

    /// <summary>
    /// Commits the requests together. If the server refuses the data of one, the two halves are tried apart: one bad
    /// request must not take thousands with it.
    /// </summary>
    private void CommitShared(List<PostgresRequest> requests)
    {
        if (requests.Count == 0)
            return;
        try
        {
            CommitWithRetry(requests);
        }
        catch (Exception error) when (requests.Count > 1 && (PostgresErrors.IsOfTheData(error) || error is ArgumentException))
        {
            var half = requests.Count / 2;
            CommitShared(requests.GetRange(0, half));
            CommitShared(requests.GetRange(half, requests.Count - half));
        }
        catch (Exception error)
        {
            foreach (var request in requests)
                request.Fail(PostgresErrors.Translate(error, "writing"));
        }
    }

    private void CommitWithRetry(List<PostgresRequest> requests)
    {
        const int maxTries = 4;
        for (var tries = 1; ; tries++)
        {
            try
            {
                Commit(requests);
                return;
            }
            catch (Exception error)
            {
                JournalMetrics.Failed();
                _highest.Clear(); // what is known may not be so any more
                _session.Rollback();
                if (tries == maxTries || !(error is DoubtfulHighestException
                    || PostgresErrors.IsRetryable(error) || PostgresErrors.IsUniqueViolation(error)))
                    throw;
            }
        }
    }

    private void Commit(List<PostgresRequest> requests)
    {
        var begunAt = _time.GetTimestamp();
        var batch = new PostgresBatch(_highest);
        var refusals = batch.Commit(_session.Connection, requests);
        JournalMetrics.Committed(requests.Count, _time.GetElapsedTime(begunAt));
        batch.Remember(requests);
        for (var i = 0; i < requests.Count; i++)
        {
            if (refusals[i] is { } refusal)
                requests[i].Fail(refusal);
            else
                requests[i].Succeed();
        }
    }
}
