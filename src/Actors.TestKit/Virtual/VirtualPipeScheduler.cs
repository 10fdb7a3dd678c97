using System.IO.Pipelines;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.TestKit;

/// <summary>Continues after pipe operations as work of the simulation.</summary>
internal sealed class VirtualPipeScheduler(IActorRuntime runtime) : PipeScheduler
{
    public override void Schedule(Action<object?> action, object? state) => runtime.Execute(new Scheduled(action, state));

    private sealed class Scheduled(Action<object?> action, object? state) : IThreadPoolWorkItem
    {
        public void Execute() => action(state);
    }
}
