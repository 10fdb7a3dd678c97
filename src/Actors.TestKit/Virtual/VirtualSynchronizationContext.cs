using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.TestKit;

/// <summary>Keeps what follows an <c>await</c> outside of actors inside the simulation.</summary>
internal sealed class VirtualSynchronizationContext(IActorRuntime runtime) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => runtime.Execute(new Posted(d, state));

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;

    private sealed class Posted(SendOrPostCallback callback, object? state) : IThreadPoolWorkItem
    {
        public void Execute() => callback(state);
    }
}
