using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>
/// A prepared statement used again and again by one thread at a time. It works on SQLite's own handles rather than on
/// <see cref="SqliteCommand"/>, which allocates a reader and parameter values for each execution and would make half
/// of the cost of a small event.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int Row = raw.SQLITE_ROW;
    private const int Done = raw.SQLITE_DONE;
    private const int StackBytes = 512;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is closed.");
        const uint persistent = 1; // SQLITE_PREPARE_PERSISTENT: kept for long, not from the look-aside memory
        Check(raw.sqlite3_prepare_v3(_database, sql, persistent, out _statement));
    }

    public void Bind(int index, long value) => Check(raw.sqlite3_bind_int64(_statement, index, value));

    public void Bind(int index, string value)
    {
        var maxBytes = Encoding.UTF8.GetMaxByteCount(value.Length);
        byte[]? rented = null;
        var buffer = maxBytes <= StackBytes ? stackalloc byte[StackBytes] : rented = ArrayPool<byte>.Shared.Rent(maxBytes);
        BindText(index, buffer[..Encoding.UTF8.GetBytes(value, buffer)]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    public void BindText(int index, ReadOnlySpan<byte> utf8) =>
        Check(utf8.IsEmpty
            ? raw.sqlite3_bind_text(_statement, index, "") // an empty span would be bound as NULL
            : raw.sqlite3_bind_text(_statement, index, utf8));

    public void BindBlob(int index, ReadOnlySpan<byte> bytes) =>
        Check(bytes.IsEmpty
            ? raw.sqlite3_bind_zeroblob(_statement, index, 0)
            : raw.sqlite3_bind_blob(_statement, index, bytes));

    public void BindOrNull(int index, string? value)
    {
        if (value is null)
            BindNull(index);
        else
            Bind(index, value);
    }

    public void BindNull(int index) => Check(raw.sqlite3_bind_null(_statement, index));

    /// <summary>Goes to the next row; false, and the statement is reset, when there is none.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code == Row)
            return true;
        if (code != Done)
            ThrowReset(code);
        Reset();
        return false;
    }

    /// <summary>Runs a statement that gives no row.</summary>
    public void Run()
    {
        if (Step())
        {
            Reset();
            throw new InvalidOperationException("A statement that changes data gave a row.");
        }
    }

    /// <summary>Ends a statement before its last row, which also ends its read transaction.</summary>
    public void Reset() => _ = raw.sqlite3_reset(_statement);

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    /// <summary>Bytes of a blob or a text (in UTF-8), valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>As <see cref="Text(int)"/>, but without a new string if it equals <paramref name="likely"/>.</summary>
    public string Text(int column, string? likely)
    {
        var utf8 = Bytes(column);
        return likely is not null && Ascii.Equals(utf8, likely) ? likely : Encoding.UTF8.GetString(utf8);
    }

    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(code, _database);
    }

    private void ThrowReset(int code)
    {
        try
        {
            SqliteException.ThrowExceptionForRC(code, _database);
        }
        finally
        {
            Reset();
        }
    }
}
