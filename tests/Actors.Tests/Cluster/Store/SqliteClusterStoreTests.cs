using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Persistence.Sqlite;
using GpuActors.Actors.Runtime;
using GpuActors.Actors.Tests.Persistence;

namespace GpuActors.Actors.Tests.Cluster.Store;

public sealed class SqliteClusterStoreTests : ClusterStoreContract
{
    private readonly TemporaryFolder _folder = new();

    protected override IClusterStore OpenNode() => SqliteEventStore.Open(
        new SqliteEventStoreSettings { Path = _folder.File("journal.db") }, new ProductionRuntime());

    protected override void Cleanup() => _folder.Dispose();
}
