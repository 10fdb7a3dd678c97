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

        if (Extras.Failure is not null)
        {
            _system.Log.LogError(cause, "{Path} failed again before its supervisor decided", Path);
            return;
        }

        SuspendSelf();
        TellChildren(Actors.Suspend.Instance);
        Extras.FailedMessage = _current?.Message;
        AskSupervisor(cause);
    }

    /// <summary>
    /// Fails because a child did. The child is suspended by its own failure, so it is kept apart from its siblings,
    /// which are suspended by the parent: each suspension must be taken back exactly once.
    /// </summary>
    private void Escalate(ActorCell perpetrator, Exception cause)
    {
        if ((_state & (CellStates.Stopping | CellStates.Stopped)) != 0)
        {
            return;
        }

        (Extras.Perpetrators ??= []).Add(perpetrator);
        if (_extras!.Failure is not null)
        {
            perpetrator.SendSystemMessage(new Resume(AfterFailure: false)); // of the parent's earlier suspension
            return;
        }

        SuspendSelf();
        TellChildren(Actors.Suspend.Instance, except: _extras.Perpetrators);
        _extras.FailedMessage = null;
        AskSupervisor(cause);
    }

    private void AskSupervisor(Exception cause)
    {
        Extras.Failure = cause;
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

    private void ReceiveSuspend()
    {
        SuspendSelf();
        TellChildren(Actors.Suspend.Instance);
    }

    private void TellChildren(SystemMessage message, List<ActorCell>? except = null)
    {
        if (_extras?.Children is { Count: > 0 } children)
        {
            foreach (var child in children.Snapshot())
            {
                if (except?.Contains(child) != true)
                {
                    child.SendSystemMessage(message);
                }
            }
        }
    }

    private void ReceiveResume(Resume resume)
    {
        if (resume.AfterFailure && _actor is null && _extras?.Failure is { } cause)
        {
            BeginRestart(cause); // there is no instance to go on with
            return;
        }

        ResumeSelf();
        if (!resume.AfterFailure)
        {
            TellChildren(resume);
            return;
        }

        var perpetrators = _extras?.Perpetrators;
        ForgetFailure();
        TellChildren(new Resume(AfterFailure: false), except: perpetrators);
        perpetrators?.ForEach(p => p.SendSystemMessage(resume));
    }

    private void ForgetFailure()
    {
        if (_extras is not null)
        {
            _extras.Failure = null;
            _extras.FailedMessage = null;
            _extras.Perpetrators = null;
        }
    }

    private void BeginRestart(Exception cause)
    {
        if ((_state & CellStates.Stopping) != 0)
        {
            return;
        }

        if ((_state & CellStates.Restarting) != 0)
        {
            Extras.MergedRestarts++; // one restart answers both
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
        TakeBackMergedSuspensions(survivors);
        ResumeSelf(); // before the new instance makes children, which start as suspended as their parent is
        _actor = null;
        try
        {
            _actor = NewInstance();
            _actor.AroundPostRestart(cause);
        }
        catch (Exception e)
        {
            SuspendSelf();
            TellChildren(Actors.Suspend.Instance, except: [.. survivors]); // those are still suspended
            AskSupervisor(new ActorInitializationException($"{Path} did not restart.", e));
            return;
        }

        ForgetFailure();
        _system.Metrics.Restarted();
        foreach (var child in survivors)
        {
            child.SendSystemMessage(new Restart(cause));
        }
    }

    private void TakeBackMergedSuspensions(ActorCell[] survivors)
    {
        for (; _extras!.MergedRestarts > 0; _extras.MergedRestarts--)
        {
            ResumeSelf();
            Array.ForEach(survivors, s => s.SendSystemMessage(new Resume(AfterFailure: false)));
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
            Escalate(failed.Child, failed.Cause);
        }
    }
}
