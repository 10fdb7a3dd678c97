namespace GpuActors.Actors;

internal sealed partial class ActorCell
{
    private void ProcessSystemMessages()
    {
        while (Volatile.Read(ref _systemInbox) is not null && _state != CellStates.Stopped)
        {
            var envelope = Reverse(Interlocked.Exchange(ref _systemInbox, null));
            while (envelope is not null)
            {
                var next = envelope.Next;
                envelope.Next = null;
                var message = (SystemMessage)envelope.Message;
                if (_state == CellStates.Stopped)
                {
                    AnswerAfterDeath(message);
                }
                else
                {
                    Process(message);
                }

                envelope = next;
            }
        }
    }

    private void Process(SystemMessage message)
    {
        if ((_state & CellStates.Awaiting) != 0 && IsDeferredWhileAwaiting(message))
        {
            (Extras.Deferred ??= new Queue<SystemMessage>()).Enqueue(message);
            return;
        }

        try
        {
            Dispatch(message);
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    private void Dispatch(SystemMessage message)
    {
        switch (message)
        {
            case Watch watch:
                AddWatcher(watch);
                break;
            case Unwatch unwatch:
                RemoveWatcher(unwatch);
                break;
            case DeathWatchNotification death:
                ReceiveDeath(death);
                break;
            case StopRequest:
                BeginStop();
                break;
            case ChildrenStopped:
                ContinueAfterChildren();
                break;
            case Suspend:
                ReceiveSuspend();
                break;
            case Resume resume:
                ReceiveResume(resume);
                break;
            case Restart restart:
                BeginRestart(restart.Cause);
                break;
            case Failed failed:
                ReceiveFailed(failed);
                break;
            case Continuation continuation:
                RunContinuation(continuation);
                break;
            case HandlerCompleted completed:
                ReceiveHandlerCompleted(completed);
                break;
            default:
                throw new InvalidOperationException($"Unknown system message {message.GetType()}.");
        }
    }

    /// <summary>
    /// Whether a message must not be acted on between two steps of an async handler: it would change the actor's life
    /// or call its code.
    /// </summary>
    private static bool IsDeferredWhileAwaiting(SystemMessage message) =>
        message is StopRequest or Restart or Failed or ChildrenStopped or Suspend or Resume;

    /// <summary>What a stopped actor still owes to others.</summary>
    private void AnswerAfterDeath(SystemMessage message)
    {
        switch (message)
        {
            case Watch watch when ReferenceEquals(watch.Watchee, this):
                From(watch.Watcher).SendSystemMessage(new DeathWatchNotification(this, true, false));
                break;
            case Continuation continuation:
                // Code after an await that outlived its actor still runs (its finally blocks matter), as nobody's.
                _system.Runtime.Execute(new DetachedContinuation(continuation));
                break;
            case Failed { Child: var orphan }:
                orphan.SendSystemMessage(StopRequest.Instance);
                break;
        }
    }

    private sealed class DetachedContinuation(Continuation continuation) : IThreadPoolWorkItem
    {
        public void Execute() => continuation.Callback(continuation.State);
    }
}
