namespace GpuActors.Actors.Runtime;

/// <summary>
/// Everything that an actor system takes from the outside world: time, randomness, threads and the network.
/// Production uses <see cref="ProductionRuntime"/>; the simulator puts a seeded, single-threaded one in its place,
/// so code that reaches the outside only through here runs the same in both.
/// </summary>
public interface IActorRuntime
{
    /// <summary>Clock and timers. Virtual under simulation.</summary>
    TimeProvider Time { get; }

    /// <summary>Randomness. Seeded under simulation.</summary>
    IRandomSource Random { get; }

    /// <summary>Connections to other nodes.</summary>
    INetwork Network { get; }

    /// <summary>
    /// Runs <paramref name="work"/> soon, never inline. Production hands it to the thread pool; the simulator runs it
    /// on its one thread in an order that the seed decides.
    /// </summary>
    void Execute(IThreadPoolWorkItem work);
}
