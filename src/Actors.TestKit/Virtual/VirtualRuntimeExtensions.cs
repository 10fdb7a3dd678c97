using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.TestKit;

internal static class VirtualRuntimeExtensions
{
    /// <summary>Continues later, as work that the seed orders among what else is ready.</summary>
    public static Task Yield(this IActorRuntime runtime, CancellationToken cancellationToken)
    {
        var yielded = new Yielded(cancellationToken);
        runtime.Execute(yielded);
        return yielded.Task;
    }

    private sealed class Yielded(CancellationToken cancellationToken) : IThreadPoolWorkItem
    {
        private readonly TaskCompletionSource _source = new();

        public Task Task => _source.Task;

        public void Execute()
        {
            if (cancellationToken.IsCancellationRequested)
            {
                _source.TrySetCanceled(cancellationToken);
            }
            else
            {
                _source.TrySetResult();
            }
        }
    }
}
