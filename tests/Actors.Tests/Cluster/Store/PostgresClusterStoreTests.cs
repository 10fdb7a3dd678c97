using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Postgres;
using GpuActors.Actors.Runtime;
using GpuActors.Actors.Tests.Persistence.Postgres;

namespace GpuActors.Actors.Tests.Cluster.Store;

public sealed class PostgresClusterStoreTests : ClusterStoreContract
{
    private readonly string _database = SharedServer.Instance.CreateDatabase();

    protected override IClusterStore OpenNode() => PostgresEventStore.Open(
        new PostgresEventStoreSettings { ConnectionString = _database }, new ProductionRuntime());

    protected override void Cleanup()
    {
        // the database goes with the server
    }
}
