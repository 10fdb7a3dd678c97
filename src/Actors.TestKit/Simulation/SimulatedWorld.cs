namespace GpuActors.Actors.TestKit.Simulation;

/// <summary>
/// Everything that a simulated cluster stands on, made from one seed: virtual time, processes with clocks of their own,
/// the network between them, and a trace. One thread; the same seed and the same calls give the same run.
/// </summary>
public sealed class SimulatedWorld
{
    private readonly SeededRandomSource _root;

    /// <param name="seed">Decides everything.</param>
    /// <param name="writeTrace">Takes each line of the trace; null keeps only its hash.</param>
    public SimulatedWorld(long seed, Action<string>? writeTrace = null)
    {
        Runtime = new VirtualRuntime(seed);
        _root = new SeededRandomSource(seed ^ 0x5DEECE66D);
        Random = _root.Split();
        Trace = new SimulationTrace(Runtime, writeTrace);
        Network = new SimulatedNetwork(Runtime, _root.Split());
    }

    /// <summary>Virtual time and the order of all work.</summary>
    public VirtualRuntime Runtime { get; }

    /// <summary>For faults and workload. Processes and network have sources of their own.</summary>
    public SeededRandomSource Random { get; }

    /// <summary>What happened, for people and as a hash.</summary>
    public SimulationTrace Trace { get; }

    /// <summary>The network between hosts.</summary>
    public SimulatedNetwork Network { get; }

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Now => Runtime.Elapsed;

    /// <summary>Starts a process.</summary>
    /// <param name="name">Its name in traces.</param>
    /// <param name="host">The host it runs on: where it listens, and from where it dials.</param>
    /// <param name="clockRate">How fast its clock runs; 1 is exact.</param>
    /// <param name="clockSkew">How far its wall clock is ahead.</param>
    public SimulatedProcess StartProcess(
        string name, string host, double clockRate = 1, TimeSpan clockSkew = default) =>
        new(this, name, host, _root.Split(), clockRate, clockSkew);

    /// <summary>Does something later, outside of all processes.</summary>
    public void After(TimeSpan delay, Action action) =>
        Runtime.CreateTimer(action).Change(delay, Timeout.InfiniteTimeSpan);

    /// <summary>A source for a part of the simulation that must not disturb the others' numbers.</summary>
    public SeededRandomSource NewRandom() => _root.Split();
}
