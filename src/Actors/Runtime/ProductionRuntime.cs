namespace GpuActors.Actors.Runtime;

/// <summary>The outside world as it is: thread pool, system clock, cryptographic randomness, a real network.</summary>
public sealed class ProductionRuntime(INetwork? network = null) : IActorRuntime
{
#pragma warning disable RS0030 // the one place where the real clock enters
    public TimeProvider Time => TimeProvider.System;
#pragma warning restore RS0030

    public IRandomSource Random { get; } = new SystemRandomSource();

    /// <exception cref="InvalidOperationException">The runtime was made without a network.</exception>
    public INetwork Network => network ?? throw new InvalidOperationException(
        "This runtime has no network; pass one to the constructor of ProductionRuntime.");

    public void Execute(IThreadPoolWorkItem work)
    {
#pragma warning disable RS0030 // the one place where work enters the thread pool
        ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
#pragma warning restore RS0030
    }
}
