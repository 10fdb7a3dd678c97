using GpuActors.Actors.Persistence.Postgres;
using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Tests.Persistence.Postgres;

public sealed class PostgresEventStoreContractTests : EventStoreContract
{
    private readonly string _database = SharedServer.Instance.CreateDatabase();

    protected override IEventStore OpenNode() => PostgresEventStore.Open(
        new PostgresEventStoreSettings { ConnectionString = _database }, new ProductionRuntime());

    protected override void Cleanup()
    {
        // the database goes with the server
    }
}
