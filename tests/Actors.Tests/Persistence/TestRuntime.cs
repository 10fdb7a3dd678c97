using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Tests.Persistence;

internal sealed class TestRuntime : IActorRuntime
{
    public TimeProvider Time => TimeProvider.System;

    public IRandomSource Random => throw new NotSupportedException();

    public INetwork Network => throw new NotSupportedException();

    public void Execute(IThreadPoolWorkItem work) => ThreadPool.UnsafeQueueUserWorkItem(work, false);
}
