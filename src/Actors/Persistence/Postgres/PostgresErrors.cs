using GpuActors.Actors.Persistence.Store;
using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>PostgreSQL's errors in the words of an event store. No message holds a password.</summary>
internal static class PostgresErrors
{
    private const string IdleInTransactionTimeout = "25P03"; // not among Npgsql's constants

    /// <summary>An error as the caller sees it; one that doesn't come from the database is passed on.</summary>
    public static Exception Translate(Exception error, string doing) => error switch
    {
        PostgresException refused => Unavailable(doing, Explain(refused), refused),
        NpgsqlException { InnerException: TimeoutException } slow => Unavailable(
            doing, "it did not answer in time; the outcome isn't known.", slow),
        NpgsqlException broken => Unavailable(
            doing, $"it can't be reached, or the connection broke: {broken.Message}", broken),
        TimeoutException slow => Unavailable(doing, "it did not answer in time; the outcome isn't known.", slow),
        _ => error,
    };

    /// <summary>
    /// Whether the transaction has certainly not been committed, and may succeed when it is run again. To these belongs
    /// one that the server ended because this process had no time to go on with it.
    /// </summary>
    public static bool IsRetryable(Exception error) => error is PostgresException
    {
        SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
            or IdleInTransactionTimeout,
    };

    public static bool IsUniqueViolation(Exception error) =>
        error is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    /// <summary>Whether it is the data of a request that the server refuses, and not the server that has a problem.
    /// </summary>
    public static bool IsOfTheData(Exception error) =>
        error is PostgresException { SqlState: [.. var category, _, _, _] } && category is "22" or "23" or "P0";

    private static EventStoreUnavailableException Unavailable(string doing, string why, Exception inner) =>
        new($"The event store failed while {doing}: PostgreSQL: {why}", inner);

    private static string Explain(PostgresException error) => error.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword => "the password or the user's name is wrong.",
        PostgresErrorCodes.InvalidAuthorizationSpecification => "the user may not log in. Look at pg_hba.conf.",
        PostgresErrorCodes.InvalidCatalogName => $"{error.MessageText}. Create it (createdb).",
        PostgresErrorCodes.InsufficientPrivilege => $"{error.MessageText}. Grant it to the user.",
        PostgresErrorCodes.DiskFull => "the disk is full. Free space and repeat.",
        PostgresErrorCodes.TooManyConnections => "it has no connection left. Raise max_connections.",
        PostgresErrorCodes.CannotConnectNow => "it is starting or stopping. Repeat.",
        PostgresErrorCodes.QueryCanceled => "the statement took longer than it may. Repeat.",
        PostgresErrorCodes.ReadOnlySqlTransaction => "it is a standby and can't be written. Connect to the primary.",
        _ => $"{error.MessageText} ({error.SqlState}).",
    };
}
