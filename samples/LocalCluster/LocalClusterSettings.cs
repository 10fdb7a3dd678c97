namespace GpuActors.LocalCluster;

/// <summary>What a local cluster is to be.</summary>
public sealed record LocalClusterSettings
{
    /// <summary>How many scheduler nodes; they are called <c>scheduler1</c>, <c>scheduler2</c>, …</summary>
    public int Schedulers { get; init; } = 1;

    /// <summary>How many workers; they are called <c>host1</c>, <c>host2</c>, …</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Where its files go; null makes a temporary folder that is removed at the end.</summary>
    public string? Folder { get; init; }

    /// <summary>
    /// Where published programs lie, each in a folder of its own name; null takes those that were built beside this one.
    /// </summary>
    public string? ProgramsFolder { get; init; }

    /// <summary>HOCON that every process gets beside what it needs.</summary>
    public string ExtraConfig { get; init; } = "";
}
