using Microsoft.Extensions.Logging;

namespace GpuActors.Actors;

internal sealed partial class ActorCell
{
    /// <summary>Stops processing and asks the supervisor what to do.</summary>
    private void Fail(Exception cause)
    {
        if ((_state & (CellStates.Stopping | CellStates.Stopped)) != 0)
        {
            return; // it ends anyway
        }

        if (Extras.Failure is null)
        {
            SuspendSelf();
            SuspendChildren();
        }

        Extras.Failure = cause;
        Extras.FailedMessage = _current?.Message;
        if (_parent is null)
        {
            _system.RootFailed(cause);
            BeginStop();
            return;
        }

        _parent.SendSystemMessage(new Failed(this, cause));
    }

    private void SuspendSelf()
    {
        Extras.SuspendCount++;
        _state |= CellStates.Suspended;
    }

    private void ResumeSelf()
    {
        if (Extras.SuspendCount > 0 && --Extras.SuspendCount == 0)
        {
            _state &= ~CellStates.Suspended;
        }
    }

    private void SuspendChildren() => TellChildren(Actors.Suspend.Instance);

    private void ResumeChildren() => TellChildren(new Resume(AfterFailure: false));

    private void TellChildren(SystemMessage message)
    {
        if (_extras?.Children is { Count: > 0 } children)
        {
            foreach (var child in children.Snapshot())
            {
                child.SendSystemMessage(message);
            }
        }
    }

    private void ReceiveResume(Resume resume)
    {
        if (resume.AfterFailure)
        {
            if (_extras?.Failure is not { } cause)
            {
                return; // restarted or resumed meanwhile
            }

            if (_actor is null)
            {
                BeginRestart(cause); // there is no instance to go on with
                return;
            }

            _extras.Failure = null;
        }

        ResumeSelf();
        ResumeChildren();
    }

    private void BeginRestart(Exception cause)
    {
        if ((_state & (CellStates.Stopping | CellStates.Restarting)) != 0)
        {
            return;
        }

        Extras.RestartCause = cause;
        _state |= CellStates.Restarting;
        try
        {
            _actor?.AroundPreRestart(cause, Extras.FailedMessage);
        }
        catch (Exception e)
        {
            _system.Log.LogError(e, "PreRestart of {Path} failed", Path);
        }

        if (_actor is null)
        {
            StopChildren(); // those that a failed constructor made
        }

        _extras!.Timers?.CancelAll();
        _extras.ReceiveTimeout?.Cancel();
        _extras.ReceiveTimeout = null;
        _extras.Stash?.UnstashAll();
        _extras.Strategy = null;
        ContinueAfterChildren();
    }

    private void FinishRestart()
    {
        var cause = _extras!.RestartCause!;
        _extras.RestartCause = null;
        _state &= ~CellStates.Restarting;
        var survivors = _extras.Children?.Snapshot() ?? [];
        _actor = null;
        try
        {
            _actor = NewInstance();
            _extras.Failure = null;
            _extras.FailedMessage = null;
            _actor.AroundPostRestart(cause);
        }
        catch (Exception e)
        {
            _extras.Failure ??= e; // still suspended from before
            Fail(new ActorInitializationException($"{Path} did not restart.", e));
            return;
        }

        _system.Metrics.Restarted();
        ResumeSelf();
        foreach (var child in survivors)
        {
            child.SendSystemMessage(new Restart(cause));
        }
    }

    private void ReceiveFailed(Failed failed)
    {
        if (_extras?.Children?.Contains(failed.Child) != true)
        {
            return; // stopped meanwhile
        }

        var strategy = _extras.Strategy ??= _props.SupervisorStrategy ?? _actor?.MakeSupervisorStrategy()
            ?? SupervisorStrategy.DefaultStrategy;
        if (!strategy.HandleFailure(this, failed.Child, failed.Cause))
        {
            Fail(failed.Cause);
        }
    }
}
