using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence;

public abstract partial class Eventsourced
{
    /// <inheritdoc/>
    protected internal sealed override bool AroundReceive(object message)
    {
        if (message is WriteEnded)
        {
            RunEnded();
            return true;
        }
        try
        {
            var handled = base.AroundReceive(message);
            if (!Cell.IsAwaiting) // an async handler sends what it has persisted at its end
                FinishCommand();
            return handled || IsOutcome(message);
        }
        catch
        {
            _unsent.Clear(); // a command that failed leaves nothing behind
            throw;
        }
    }

    /// <inheritdoc/>
    protected internal sealed override void AroundPreRestart(Exception reason, object? message)
    {
        base.AroundPreRestart(reason, message);
        Persistence.Settle(PersistenceId, _lastWrite);
    }

    /// <inheritdoc/>
    protected internal sealed override void AroundPostStop()
    {
        base.AroundPostStop();
        _persistence?.Settle(PersistenceId, _lastWrite);
    }

    /// <summary>Runs an async command and then what it has persisted, as one task.</summary>
    private protected async Task RunCommandAsync<TCommand>(Func<TCommand, Task> handler, TCommand command)
    {
        try
        {
            await handler(command);
        }
        catch
        {
            _unsent.Clear();
            throw;
        }
        await FinishCommandAsync();
    }

    private void FinishCommand()
    {
        Send();
        if (_holding > 0)
            Cell.RunTask(static actor => actor.RunHoldingAsync(), this);
    }

    private Task FinishCommandAsync()
    {
        Send();
        return RunHoldingAsync();
    }

    /// <summary>Waits for the writes that hold commands back, and for those before them, and runs their handlers, in
    /// order.</summary>
    private async Task RunHoldingAsync()
    {
        while (_holding > 0)
        {
            var oldest = _pending.Peek();
            if (oldest.Written is { IsCompleted: false } written)
                await written.ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            RunOldest();
        }
    }

    /// <summary>Runs the handlers of writes that have ended while commands were processed.</summary>
    private void RunEnded()
    {
        while (_pending.TryPeek(out var oldest) && oldest.IsEnded)
            RunOldest();
        FinishCommand();
    }

    private void RunOldest()
    {
        var invocation = _pending.Dequeue();
        if (invocation.HoldsCommands)
            _holding--;
        if (invocation.Written?.Failure() is { } failure)
        {
            Fail(invocation, failure);
            return;
        }
        try
        {
            Cell.RunAs(invocation.Origin, static run => run.Self.RunHandlers(run.invocation), (Self: this, invocation));
        }
        catch
        {
            _unsent.Clear();
            throw;
        }
        Send();
    }

    private void RunHandlers(PersistInvocation invocation)
    {
        if (invocation.Rejection is { } rejection)
            OnPersistRejected(rejection, invocation.FirstEvent, invocation.FirstSequenceNr);
        else
            invocation.Handle(_reached ??= sequenceNr => LastSequenceNr = sequenceNr);
    }

    private void Fail(PersistInvocation invocation, Exception cause)
    {
        _pending.Clear();
        _unsent.Clear();
        _holding = 0;
        try
        {
            PublishIfFenced(cause);
            OnPersistFailure(cause, invocation.FirstEvent, invocation.FirstSequenceNr);
        }
        finally
        {
            StopSelf();
        }
    }

    /// <summary>
    /// Stops before the next command. If somebody else stops the actor too, their request may still be on its way, so
    /// there is one of our own; a second does nothing.
    /// </summary>
    private void StopSelf()
    {
        Cell.Stop(Self);
        Cell.SendSystemMessage(StopRequest.Instance);
    }

    private void Send()
    {
        foreach (var invocation in _unsent)
        {
            if (invocation.Write is not null)
                Send(invocation, invocation.Write);
            if (invocation.HoldsCommands)
                _holding++;
            _pending.Enqueue(invocation);
            if (!invocation.HoldsCommands)
                NotifyWhenEnded(invocation);
        }
        _unsent.Clear();
    }

    private void Send(PersistInvocation invocation, AtomicWrite write)
    {
        invocation.FirstSequenceNr = _lastSent + 1;
        try
        {
            if (_pending.Count >= Persistence.Settings.MaxPendingPersists)
                throw new EventStoreOverloadedException(
                    $"'{PersistenceId}' has {_pending.Count:N0} persists under way, which is its bound.");
            invocation.Written = _lastWrite =
                Persistence.Store.AppendAsync(write with { FirstSequenceNr = invocation.FirstSequenceNr });
            _lastSent += write.Events.Count;
        }
        catch (Exception rejection) when (rejection is EventStoreOverloadedException or ArgumentException)
        {
            invocation.Rejection = rejection;
        }
        catch (Exception failure)
        {
            invocation.Written = Task.FromException(failure);
        }
    }

    private void NotifyWhenEnded(PersistInvocation invocation)
    {
        if (invocation.IsEnded)
            Cell.TellInternally(WriteEnded.Instance);
        else
            _ = invocation.Written!.ContinueWith(
                static (_, cell) => ((ActorCell)cell!).TellInternally(WriteEnded.Instance),
                Cell,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
    }

    // An actor need not handle the answers to its own requests.
    private static bool IsOutcome(object message) => message is SaveSnapshotSuccess or SaveSnapshotFailure
        or DeleteMessagesSuccess or DeleteMessagesFailure or DeleteSnapshotsSuccess or DeleteSnapshotsFailure;

    private sealed class WriteEnded : INotInfluenceReceiveTimeout, IDeadLetterSuppression
    {
        public static WriteEnded Instance { get; } = new();
    }
}
