namespace GpuActors.Actors.Persistence;

/// <summary>Lets a bounded number of actors recover at once, in the order in which they ask.</summary>
internal sealed class RecoveryPermits(int count)
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private int _free = count;

    public Task EnterAsync()
    {
        lock (_gate)
        {
            if (_free > 0)
            {
                _free--;
                return Task.CompletedTask;
            }
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn);
            return turn.Task;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            if (_waiting.TryDequeue(out var next))
                next.SetResult();
            else
                _free++;
        }
    }
}
