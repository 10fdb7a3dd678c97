using GpuActors.Actors.Persistence.Sqlite;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Tests.Persistence;

public sealed class SqliteEventStoreContractTests : EventStoreContract
{
    private readonly TemporaryFolder _folder = new();

    protected override IEventStore OpenNode() => SqliteEventStore.Open(
        new SqliteEventStoreSettings { Path = _folder.File("journal.db") }, new ProductionRuntime());

    protected override void Cleanup() => _folder.Dispose();
}
