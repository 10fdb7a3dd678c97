namespace GpuActors.Shared.Jobs.Planning;

/// <summary>Which buffers and images a name can mean in a block: its own and those of the blocks around.</summary>
internal sealed class MemoryNames
{
    private readonly MemoryNames? _outer;
    private readonly Dictionary<string, PlannedMemory> _own = new(StringComparer.Ordinal);

    private MemoryNames(MemoryNames? outer) => _outer = outer;

    public static MemoryNames Of(IEnumerable<PlannedMemory> declared)
    {
        var names = new MemoryNames(null);
        foreach (var memory in declared)
        {
            names._own.TryAdd(memory.Name, memory);
        }

        return names;
    }

    /// <summary>The names of a block inside this one.</summary>
    public MemoryNames Enter() => new(this);

    /// <summary>Adds memory that the block makes; false if the name means something already.</summary>
    public bool TryAdd(PlannedMemory memory) => Find(memory.Name) is null && _own.TryAdd(memory.Name, memory);

    public PlannedMemory? Find(string name) => _own.GetValueOrDefault(name) ?? _outer?.Find(name);

    /// <summary>Takes memory away that this very block made; null if it made none of that name.</summary>
    public PlannedMemory? Remove(string name) => _own.Remove(name, out var memory) ? memory : null;

    /// <summary>What the block itself made and did not remove.</summary>
    public IEnumerable<PlannedMemory> Own => _own.Values.OrderBy(memory => memory.Slot);

    public IEnumerable<string> All => _own.Keys.Concat(_outer?.All ?? []);
}
