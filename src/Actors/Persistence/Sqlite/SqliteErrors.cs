using GpuActors.Actors.Persistence.Store;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>SQLite's errors in the words of an event store.</summary>
internal static class SqliteErrors
{
    /// <summary>An error as the caller sees it; one that doesn't come from SQLite is passed on.</summary>
    public static Exception Translate(Exception error, string doing) => error is SqliteException sqlite
        ? new EventStoreUnavailableException($"The event store failed while {doing}: {Explain(sqlite)}", sqlite)
        : error;

    /// <summary>Whether somebody else holds the lock, so that trying again at once is pointless.</summary>
    public static bool IsBusy(Exception error) =>
        error is SqliteException { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED };

    private static string Explain(SqliteException error) => error.SqliteErrorCode switch
    {
        raw.SQLITE_FULL => "the disk is full, or the database has reached its largest size. Free space and repeat.",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "another process held the write lock for too long. Repeat.",
        raw.SQLITE_IOERR => $"the disk gave an I/O error ({error.SqliteExtendedErrorCode}).",
        raw.SQLITE_READONLY or raw.SQLITE_PERM => "the file may not be written.",
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => "the database file is damaged. Restore it from a backup.",
        _ => error.Message,
    };
}
