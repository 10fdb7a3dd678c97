using Microsoft.Extensions.Logging;

namespace GpuActors.Actors;

internal sealed partial class ActorCell
{
    /// <summary>Stops this actor as its parent does: it counts as one of the parent's stopping children.</summary>
    internal void StopByParent()
    {
        if (_parent is null || _parent._extras!.Children!.MarkStopping(this))
        {
            SendSystemMessage(StopRequest.Instance);
        }
    }

    internal void AssertOnTurn()
    {
        if (!ReferenceEquals(Current, this))
        {
            throw new InvalidOperationException(
                $"The context of {Path} was used outside of the actor's turn, for example after ConfigureAwait(false).");
        }
    }

    private void CreateInstance()
    {
        try
        {
            _actor = NewInstance();
            _state &= ~CellStates.NotCreated;
            _actor.AroundPreStart();
        }
        catch (Exception e)
        {
            _state &= ~CellStates.NotCreated;
            Fail(e as ActorInitializationException ?? new ActorInitializationException($"{Path} did not start.", e));
        }
    }

    private ActorBase NewInstance()
    {
        var instance = _props.NewActor();
        if (!ReferenceEquals(instance.Cell, this))
        {
            throw new ActorInitializationException(
                $"The factory of {Path} returned an actor that was made elsewhere; it must make a new one each time.");
        }

        instance.OnConstructed();
        if (instance is IWithStash stashing)
        {
            stashing.Stash = GetStash();
        }

        if (instance is IWithTimers timed)
        {
            timed.Timers = GetTimers();
        }

        return instance;
    }

    private void BeginStop()
    {
        if ((_state & (CellStates.Stopping | CellStates.Stopped)) != 0)
        {
            return;
        }

        _state = (_state & ~CellStates.Restarting) | CellStates.Stopping;
        if (IsGuardian)
        {
            EnsureChildren().Close(); // others than the actor itself make children here
        }

        StopChildren();
        ContinueAfterChildren();
    }

    private void StopChildren()
    {
        if (_extras?.Children is not { Count: > 0 } children)
        {
            return;
        }

        foreach (var child in children.Snapshot())
        {
            child.StopByParent();
        }
    }

    /// <summary>Goes on with a stop or a restart once no child is stopping any more.</summary>
    private void ContinueAfterChildren()
    {
        if (_extras?.Children?.NoneStoppingOrNotify() == false)
        {
            return;
        }

        if ((_state & CellStates.Stopping) != 0)
        {
            FinishStop();
        }
        else if ((_state & CellStates.Restarting) != 0)
        {
            FinishRestart();
        }
    }

    private void FinishStop()
    {
        try
        {
            _actor?.AroundPostStop();
        }
        catch (Exception e)
        {
            _system.Log.LogError(e, "PostStop of {Path} failed", Path);
        }

        _extras?.Timers?.CancelAll();
        _extras?.ReceiveTimeout?.Cancel();
        _extras?.Stash?.UnstashAll(); // so that they become dead letters with the rest of the mailbox
        _state = CellStates.Stopped;
        _actor = null;
        CloseMailbox();

        // The name is free before anybody hears of the death, so that who hears may create it anew.
        var parentWaits = _parent?._extras!.Children!.Remove(this) == true;
        CloseSystemInbox();
        EndDeathWatch();
        if (parentWaits)
        {
            _parent!.SendSystemMessage(ChildrenStopped.Instance);
        }

        if (_parent is null)
        {
            _system.RootStopped();
        }
    }

    private void CloseMailbox()
    {
        var first = _pending;
        _pending = null;
        DropToDeadLetters(first);
        DropToDeadLetters(Reverse(Interlocked.Exchange(ref _inbox, Closed)));
    }

    private void DropToDeadLetters(Envelope? envelope)
    {
        for (; envelope is not null; envelope = envelope.Next)
        {
            if (envelope.Message is not (DeathNotice or KeyedTimer or ReceiveTimeoutCheck))
            {
                _system.PublishDeadLetter(envelope.Message, envelope.Sender, this);
            }
        }
    }

    private void CloseSystemInbox()
    {
        var envelope = Reverse(Interlocked.Exchange(ref _systemInbox, Closed));
        for (; envelope is not null; envelope = envelope.Next)
        {
            AnswerAfterDeath((SystemMessage)envelope.Message);
        }

        while (_extras?.Deferred?.TryDequeue(out var deferred) == true)
        {
            AnswerAfterDeath(deferred);
        }
    }
}
