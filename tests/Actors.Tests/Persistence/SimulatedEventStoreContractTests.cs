using GpuActors.Actors.Persistence.Store;
using GpuActors.Actors.Runtime;
using GpuActors.Actors.TestKit.Stores;

namespace GpuActors.Actors.Tests.Persistence;

public sealed class SimulatedEventStoreContractTests : EventStoreContract
{
    private readonly SimulatedDatabase _database = new(new ProductionRuntime());

    protected override IEventStore OpenNode() => _database.Connect("node");

    protected override void Cleanup()
    {
        // it is garbage
    }
}
