using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Tests.Persistence;

/// <summary>
/// What every event store does. Each implementation derives a test class from this one and from its siblings
/// (<c>EventStoreContract.*.cs</c>).
/// </summary>
public abstract partial class EventStoreContract : IAsyncLifetime
{
    private readonly List<IEventStore> _nodes = [];

    private IEventStore Store { get; set; } = null!;

    private OwnershipToken Node { get; set; }

    public async Task InitializeAsync()
    {
        Store = Open();
        Node = await Store.AcquireOwnershipAsync("node", "first");
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        Cleanup();
    }

    /// <summary>Opens another node on the data of this test.</summary>
    protected abstract IEventStore OpenNode();

    /// <summary>Removes the data, after all nodes were closed.</summary>
    protected abstract void Cleanup();

    private IEventStore Open()
    {
        var node = OpenNode();
        _nodes.Add(node);
        return node;
    }

    private async Task<long[]> SequenceNrs(string persistenceId, long from = 1, long to = long.MaxValue)
    {
        var numbers = new List<long>();
        await foreach (var stored in Store.ReplayAsync(persistenceId, from, to))
            numbers.Add(stored.SequenceNr);
        return [.. numbers];
    }
}
