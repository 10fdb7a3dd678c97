using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence;

public abstract partial class Eventsourced
{
    /// <inheritdoc/>
    protected internal sealed override void AroundPreStart()
    {
        EndConfiguration();
        base.AroundPreStart();
        StartRecovery();
    }

    /// <inheritdoc/>
    protected internal sealed override void AroundPostRestart(Exception reason)
    {
        EndConfiguration();
        base.AroundPostRestart(reason);
        StartRecovery();
    }

    /// <summary>The constructor has run.</summary>
    private protected virtual void EndConfiguration()
    {
    }

    private void StartRecovery() => Cell.RunTask(static actor => actor.RecoverAsync(), this);

    // Each step runs on the actor's turn; in between the cell is parked.
    private async Task RecoverAsync()
    {
        try
        {
            await Persistence.RecoveryPermits.EnterAsync();
            try
            {
                if (Cell.IsToldToStop) // don't make a shutdown wait for thousands of recoveries
                {
                    StopSelf();
                    return;
                }
                await Persistence.WhenSettled(PersistenceId);
                _ownership = await Persistence.OwnershipOf(Cell); // before reading: afterwards nobody else can write
                await ReplayAsync(Recovery);
            }
            finally
            {
                Persistence.RecoveryPermits.Leave();
            }
        }
        catch (Exception reason)
        {
            FailRecovery(reason);
            return;
        }
        IsRecovering = false;
        Persistence.Quarantine.Remove(Self.Path);
        OnReplaySuccess();
        ReceiveRecover(RecoveryCompleted.Instance);
        await FinishCommandAsync();
    }

    private async Task ReplayAsync(Recovery recovery)
    {
        var pageEvents = (int)Math.Clamp(recovery.ReplayMax, 1, Persistence.Settings.ReplayPageEvents);
        var start = await Persistence.Store.ReadRecoveryAsync(
            PersistenceId, recovery.FromSnapshot, recovery.ToSequenceNr, pageEvents);
        if (start.Snapshot is not null)
            Offer(start.Snapshot);
        await ReplayPagesAsync(start.FirstPage, recovery, pageEvents);
        LastSequenceNr = _lastSent = start.HighestSequenceNr;
    }

    /// <summary>Applies a page while the next one is read.</summary>
    private async Task ReplayPagesAsync(IReadOnlyList<StoredEvent> page, Recovery recovery, int pageEvents)
    {
        var left = recovery.ReplayMax;
        while (page.Count > 0 && left > 0)
        {
            var next = Persistence.Store.ReadEventsAsync(
                PersistenceId, page[^1].SequenceNr + 1, recovery.ToSequenceNr, pageEvents);
            for (var i = 0; i < page.Count && left > 0; i++, left--)
                Replay(page[i]);
            page = await next;
        }
    }

    private void Offer(StoredSnapshot snapshot)
    {
        try
        {
            var state = Persistence.Serializer.Read(snapshot.Manifest, snapshot.Payload);
            LastSequenceNr = snapshot.SequenceNr;
            var savedAt = DateTimeOffset.FromUnixTimeMilliseconds(snapshot.CreatedUnixMs);
            var metadata = new SnapshotMetadata(PersistenceId, snapshot.SequenceNr, savedAt);
            ReceiveOrUnhandled(new SnapshotOffer(metadata, state));
        }
        catch (Exception cause)
        {
            throw Explain("snapshot", snapshot.SequenceNr, snapshot.Manifest, cause);
        }
    }

    private void Replay(StoredEvent stored)
    {
        try
        {
            var replayed = Persistence.Serializer.Read(stored.Manifest, stored.Payload);
            LastSequenceNr = stored.SequenceNr;
            ReceiveOrUnhandled(replayed);
        }
        catch (Exception cause)
        {
            throw Explain("event", stored.SequenceNr, stored.Manifest, cause);
        }
    }

    private void ReceiveOrUnhandled(object message)
    {
        if (!ReceiveRecover(message))
            Unhandled(message);
    }

    private RecoveryException Explain(string what, long sequenceNr, string manifest, Exception cause) => new(
        $"Recovery of '{PersistenceId}' ({Self.Path}) failed at the {what} with sequence number {sequenceNr} and "
        + $"manifest '{manifest}': {cause.Message}",
        cause);

    private void FailRecovery(Exception reason)
    {
        if (reason is RecoveryException poisoned)
        {
            var now = Context.System.Runtime.Time.GetUtcNow();
            var actor = new QuarantinedActor(PersistenceId, Self.Path, poisoned.Message, now);
            if (Persistence.Quarantine.Add(actor))
                Context.System.EventStream.Publish(actor);
        }

        try
        {
            OnRecoveryFailure(reason);
        }
        finally
        {
            StopSelf();
        }
    }
}
