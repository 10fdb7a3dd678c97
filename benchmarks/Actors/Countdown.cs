namespace GpuActors.Benchmarks.Actors;

/// <summary>Completes a task after so many signals.</summary>
internal sealed class Countdown(int count)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _rest = count;

    public Task Task => _done.Task;

    public void Signal()
    {
        if (Interlocked.Decrement(ref _rest) == 0)
        {
            _done.SetResult();
        }
    }
}
