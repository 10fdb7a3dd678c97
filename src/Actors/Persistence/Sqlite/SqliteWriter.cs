using GpuActors.Actors.Persistence.Batching;
using Microsoft.Data.Sqlite;

namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>
/// The one writer of a store: takes what has gathered in the queue, commits it in one transaction, tells each caller,
/// and starts again. Order of the queue is order of the commits.
/// </summary>
/// <remarks>
/// It runs on a thread of its own because it spends most of its time waiting for the disk: on the pool, which has as
/// many threads as the machine has processors, it would take one of them away from the actors.
/// </remarks>
internal sealed class SqliteWriter : IAsyncDisposable
{
    // How often a batch is repeated without the request at which it failed, before all of it is given up.
    private const int MaxRepeats = 3;

    private readonly SqliteEventStoreSettings _settings;
    private readonly TimeProvider _time;
    private readonly GroupCommitQueue<WriteRequest> _queue;
    private readonly SqliteConnection _connection;
    private readonly WriteTransaction _transaction;
    private readonly SqliteCheckpointer _checkpointer;
    private readonly List<WriteRequest> _batch = [];
    private readonly List<Exception?> _refusals = [];
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Takes over <paramref name="connection"/>, which must be durable and have the newest schema.</summary>
    public SqliteWriter(
        SqliteEventStoreSettings settings,
        TimeProvider time,
        GroupCommitQueue<WriteRequest> queue,
        SqliteConnection connection,
        SqliteCheckpointer checkpointer)
    {
        _settings = settings;
        _time = time;
        _queue = queue;
        _connection = connection;
        _checkpointer = checkpointer;
        _transaction = new WriteTransaction(connection);
#pragma warning disable RS0030 // A thread of its own: see the remarks. The simulator has a store without threads.
        new Thread(Run) { IsBackground = true, Name = "event store writer" }.Start();
#pragma warning restore RS0030
    }

    /// <summary>Writes what is in the queue, then closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _stopped.Task;
        _transaction.Dispose();
        _checkpointer.Dispose();
        await _connection.DisposeAsync();
    }

    private void Run()
    {
        while (_queue.Take(_batch, _settings.MaxBatchRequests, _settings.MaxBatchBytes))
        {
            var failure = CommitBatch();
            CompleteBatch(failure);
            _batch.Clear();
            if (failure is null)
                _checkpointer.CheckpointIfDue(_transaction);
        }
        _stopped.SetResult();
    }

    /// <summary>
    /// Commits the batch. If a single request makes SQLite fail, that one is told and the others are tried again
    /// without it: one bad request must not take thousands with it.
    /// </summary>
    /// <returns>Why the whole of what is left in the batch failed; null if it is committed.</returns>
    private Exception? CommitBatch()
    {
        for (var repeats = 0; _batch.Count > 0; repeats++)
        {
            var current = -1;
            var begunAt = _time.GetTimestamp();
            try
            {
                _transaction.Begin(_time.GetUtcNow().ToUnixTimeMilliseconds());
                _refusals.Clear();
                for (current = 0; current < _batch.Count; current++)
                    _refusals.Add(_batch[current].Execute(_transaction));
                _transaction.Commit();
                JournalMetrics.Committed(_batch.Count, _time.GetElapsedTime(begunAt));
                return null;
            }
            catch (Exception error)
            {
                _transaction.Rollback();
                JournalMetrics.Failed();
                var culprit = current >= 0 && current < _batch.Count ? current : -1;
                if (culprit < 0 || repeats == MaxRepeats || SqliteErrors.IsBusy(error))
                    return SqliteErrors.Translate(error, "writing");
                _batch[culprit].Fail(SqliteErrors.Translate(error, "writing"));
                _batch.RemoveAt(culprit);
            }
        }
        return null;
    }

    private void CompleteBatch(Exception? failure)
    {
        for (var i = 0; i < _batch.Count; i++)
        {
            var request = _batch[i];
            if ((failure ?? _refusals[i]) is { } reason)
                request.Fail(reason);
            else if (!request.HasMore)
                request.Succeed();
            else if (!_queue.TryRequeue(request))
                request.Fail(new ObjectDisposedException(nameof(SqliteEventStore)));
        }
    }
}
