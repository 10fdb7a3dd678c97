namespace GpuActors.LocalCluster;

/// <summary>What a local cluster is to be.</summary>
public sealed record LocalClusterSettings
{
    /// <summary>What <see cref="Place"/> is asked for where PostgreSQL runs.</summary>
    public const string DatabaseName = "database";

    /// <summary>How many scheduler nodes; they are called <c>scheduler1</c>, <c>scheduler2</c>, …</summary>
    public int Schedulers { get; init; } = 1;

    /// <summary>How many workers; they are called <c>host1</c>, <c>host2</c>, …</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Where the schedulers keep their journal.</summary>
    public ClusterStore Store { get; init; } = ClusterStore.Sqlite;

    /// <summary>
    /// Where the process of a name runs: a scheduler, a host, or <see cref="DatabaseName"/>. All on loopback, unless
    /// something else is said.
    /// </summary>
    public Func<string, ProcessPlace> Place { get; init; } = _ => ProcessPlace.Loopback;

    /// <summary>Makes what sends clients' requests, where processes can't be reached directly; null: clients' own.</summary>
    public Func<HttpMessageHandler>? ClientHandler { get; init; }

    /// <summary>Where its files go; null makes a temporary folder that is removed at the end.</summary>
    public string? Folder { get; init; }

    /// <summary>
    /// Where published programs lie, each in a folder of its own name; null takes those that were built beside this one.
    /// </summary>
    public string? ProgramsFolder { get; init; }

    /// <summary>HOCON that every process gets beside what it needs.</summary>
    public string ExtraConfig { get; init; } = "";
}

/// <summary>Where the schedulers of a local cluster keep their journal.</summary>
public enum ClusterStore
{
    /// <summary>In a SQLite file.</summary>
    Sqlite,

    /// <summary>In a PostgreSQL server that the cluster starts and ends.</summary>
    Postgres,
}
