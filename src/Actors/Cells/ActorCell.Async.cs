namespace GpuActors.Actors;

internal sealed partial class ActorCell
{
    /// <summary>
    /// Runs an async handler. If it does not end at once the actor processes nothing else until it has, and its
    /// continuations come back as system messages, so they run on the actor's turns.
    /// </summary>
    internal void RunTask<TState>(Func<TState, Task> handler, TState state)
    {
        var outer = SynchronizationContext.Current;
        var context = Extras.SynchronizationContext ??= new ActorSynchronizationContext(this);
        SynchronizationContext.SetSynchronizationContext(context);
        Task task;
        try
        {
            task = handler(state);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }

        if (task.IsCompleted)
        {
            task.ThrowIfFailed();
            return;
        }

        if ((_state & CellStates.Awaiting) != 0)
        {
            throw new InvalidOperationException($"{Path} runs an async handler already; await it in the first one.");
        }

        _state |= CellStates.Awaiting;
        Extras.AsyncEnvelope = _current;
        _ = task.ContinueWith(
            static (done, cell) => ((ActorCell)cell!).SendSystemMessage(new HandlerCompleted(done)),
            this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void RunContinuation(Continuation continuation)
    {
        var outer = SynchronizationContext.Current;
        var outerEnvelope = _current;
        SynchronizationContext.SetSynchronizationContext(_extras!.SynchronizationContext);
        _current = _extras.AsyncEnvelope;
        try
        {
            continuation.Callback(continuation.State);
        }
        finally
        {
            _current = outerEnvelope;
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private void ReceiveHandlerCompleted(HandlerCompleted completed)
    {
        _state &= ~CellStates.Awaiting;
        _current = Extras.AsyncEnvelope;
        Extras.AsyncEnvelope = null;
        if (completed.Handler.Failure() is { } failure)
        {
            Fail(failure);
        }

        _current = null;
        while ((_state & (CellStates.Awaiting | CellStates.Stopped)) == 0
            && _extras!.Deferred?.TryDequeue(out var message) == true)
        {
            Process(message);
        }
    }
}
