using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>
/// Copies the write-ahead log into the database file from time to time, so that the log can start over.
/// </summary>
/// <remarks>
/// SQLite before 3.51.3 can lose pages when a checkpoint begins while another connection's commit starts the log over
/// (https://sqlite.org/wal.html, "WAL-reset bug"). So no connection checkpoints by itself; here it is done on a second
/// connection while the writer's holds the write lock, and thus while no process commits.
/// </remarks>
internal sealed class SqliteCheckpointer(SqliteConnection writer, SqliteConnection own, ReadPool reads, int duePages)
    : IDisposable
{
    // Readers that overlap without a pause keep the log from starting over. At this many times the size at which a
    // checkpoint is due they are held up for the length of one checkpoint.
    private const int AloneFactor = 4;

    private readonly SqliteStatement _checkpoint = new(own, "PRAGMA wal_checkpoint(PASSIVE)");
    private long _pagesSinceLast;
    private long _logPages;

    /// <summary>Checkpoints if enough was written since the last time. Called between transactions.</summary>
    public void CheckpointIfDue(WriteTransaction transaction)
    {
        _pagesSinceLast += TakeWrittenPages();
        if (_pagesSinceLast < duePages)
            return;
        try
        {
            Checkpoint(transaction);
        }
        catch (SqliteException)
        {
            // The log just stays; what is committed is in it. If the disk is at fault, the next commit says so.
        }
        _pagesSinceLast = 0;
    }

    public void Dispose()
    {
        _checkpoint.Dispose();
        own.Dispose();
    }

    private void Checkpoint(WriteTransaction transaction)
    {
        transaction.Begin(nowUnixMs: 0);
        try
        {
            if (_logPages >= AloneFactor * (long)duePages)
                reads.RunAlone(Run);
            else
                Run();
        }
        finally
        {
            transaction.Rollback();
        }
    }

    private void Run()
    {
        _checkpoint.Step();
        _logPages = _checkpoint.Int64(1);
        _checkpoint.Reset();
    }

    private int TakeWrittenPages()
    {
        const int resetAfterwards = 1;
        _ = raw.sqlite3_db_status(writer.Handle!, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, resetAfterwards);
        return pages;
    }
}
