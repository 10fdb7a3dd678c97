using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Postgres;
using GpuActors.Actors.Persistence.Sqlite;
using GpuActors.Actors.Runtime;
using GpuActors.Shared.Configuration;
using GpuActors.Shared.Configuration.Settings;

namespace GpuActors.Scheduler;

/// <summary>The store that a scheduler's settings name.</summary>
internal static class SchedulerStore
{
    /// <summary>Opens it; its tables are there when it is open.</summary>
    /// <exception cref="ConfigException">The connection string has a word that Npgsql does not know.</exception>
    public static IClusterStore Open(PersistenceSettings settings, IActorRuntime runtime) =>
        settings.Postgres is { } postgres
            ? OpenPostgres(Postgres(settings, postgres), runtime)
            : SqliteEventStore.Open(Sqlite(settings, settings.Sqlite), runtime);

    private static PostgresEventStore OpenPostgres(PostgresEventStoreSettings settings, IActorRuntime runtime)
    {
        try
        {
            return PostgresEventStore.Open(settings, runtime);
        }
        catch (ArgumentException e)
        {
            throw new ConfigException($"gpuactors.persistence.postgresql cannot be used: {e.Message}");
        }
    }

    private static PostgresEventStoreSettings Postgres(PersistenceSettings settings, PostgresSettings postgres) => new()
    {
        ConnectionString = postgres.Login.ConnectionString,
        ConnectTimeout = postgres.ConnectTimeout,
        StatementTimeout = postgres.StatementTimeout,
        IdleTransactionTimeout = postgres.IdleTransactionTimeout,
        MaxBatchRequests = settings.MaxBatchRequests,
        MaxBatchBytes = settings.MaxBatchBytes,
        MaxQueuedRequests = settings.MaxQueuedRequests,
        MaxQueuedBytes = settings.MaxQueuedBytes,
        ReadConnections = postgres.ReadConnections,
        UseNotifications = postgres.UseNotifications,
    };

    private static SqliteEventStoreSettings Sqlite(PersistenceSettings settings, SqliteSettings sqlite) => new()
    {
        Path = sqlite.File,
        BusyTimeout = sqlite.BusyTimeout,
        MaxBatchRequests = settings.MaxBatchRequests,
        MaxBatchBytes = settings.MaxBatchBytes,
        MaxQueuedRequests = settings.MaxQueuedRequests,
        MaxQueuedBytes = settings.MaxQueuedBytes,
        ReadConnections = sqlite.ReadConnections,
        MaxSizeBytes = sqlite.MaxSizeBytes,
    };
}
