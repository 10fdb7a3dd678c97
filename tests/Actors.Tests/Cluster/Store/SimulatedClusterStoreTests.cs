using GpuActors.Actors.Cluster.Store;
using GpuActors.Actors.Runtime;
using GpuActors.Actors.TestKit.Stores;

namespace GpuActors.Actors.Tests.Cluster.Store;

public sealed class SimulatedClusterStoreTests : ClusterStoreContract
{
    private readonly SimulatedDatabase _database = new(new ProductionRuntime());

    protected override IClusterStore OpenNode() => _database.Connect("node");

    protected override void Cleanup()
    {
        // it is garbage
    }
}
