namespace GpuActors.Simulation;

/// <summary>A bug that a run has on purpose, to show that the checks can fail.</summary>
internal enum PlantedBug
{
    /// <summary>The product as it is.</summary>
    None,

    /// <summary>The store takes writes whatever their epoch.</summary>
    SkipsEpochCheck,

    /// <summary>The store answers before a write is durable.</summary>
    AcknowledgesBeforeCommit,

    /// <summary>Workers never believe that their lease has ended.</summary>
    ForgetsToSelfFence,
}

/// <summary>What a run is made of besides its seed.</summary>
internal sealed record ChaosSettings
{
    /// <summary>How long faults and work go on, in virtual time.</summary>
    public TimeSpan Chaos { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long after that everything may take to come to rest; zero doesn't wait for rest at all.</summary>
    public TimeSpan RestLimit { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// How long nothing at all may happen before rest: longer than any job runs and than the cell's own questions take.
    /// </summary>
    public TimeSpan QuietLimit { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>Items of work after which a run is taken for one that never ends; most need less than a tenth.</summary>
    public long StepLimit { get; init; } = 6_000_000;

    /// <summary>Scheduler nodes; 0 lets the seed choose: one if it is odd, three if it is even.</summary>
    public int Nodes { get; init; }

    /// <summary>Scheduler nodes of a run with that seed.</summary>
    public int NodesOf(long seed) => Nodes > 0 ? Nodes : seed % 2 == 0 ? 3 : 1;

    /// <summary>Into how many cells the pool is split.</summary>
    public int Cells { get; init; } = 1;

    /// <summary>A bug to be found.</summary>
    public PlantedBug Bug { get; init; }
}

/// <summary>How a run ended.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="TraceHash">Equal for equal runs.</param>
/// <param name="Simulated">Virtual time that passed.</param>
/// <param name="Events">Items of work done.</param>
/// <param name="Violation">The first promise that was broken, and when; null if all were kept.</param>
/// <param name="Tally">What the run saw, for people.</param>
internal sealed record SeedResult(
    long Seed, ulong TraceHash, TimeSpan Simulated, long Events, string? Violation, string Tally);
