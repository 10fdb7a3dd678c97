using GpuActors.Actors.Persistence.Store;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Persistence;

/// <summary>
/// An actor whose state follows from events that it has stored. After a crash or a move it is brought to the same
/// state by replaying them, from the newest snapshot on. Applications derive from
/// <see cref="ReceivePersistentActor"/>.
/// </summary>
/// <remarks>
/// <para>While the actor recovers, and between a <c>Persist</c> and its handlers, the cell is parked as it is during an
/// async handler: commands stay in the mailbox in their order and cost nothing. So an actor never sees a command before
/// the events of the last one were applied, a PoisonPill takes effect after what was persisted before it, and no stash
/// can overflow.</para>
/// <para>Events are sent to the store when the command's handler has returned. If it throws, none is.</para>
/// <para>The store accepts an event only if it follows the last one and this node still owns the scope. So of two
/// actors with one id, on whatever nodes, only one can write; the other fails and stops.</para>
/// </remarks>
public abstract partial class Eventsourced : ActorBase
{
    private PersistenceExtension? _persistence;
    private OwnershipToken _ownership;

    /// <summary>Name under which the events are stored: unique among all actors, the same for all time.</summary>
    public abstract string PersistenceId { get; }

    /// <summary>Sequence number of the last event that was applied.</summary>
    public long LastSequenceNr { get; private set; }

    /// <summary>Sequence number of the state that a snapshot taken now has.</summary>
    public long SnapshotSequenceNr => LastSequenceNr;

    /// <summary>True until all of the past was replayed.</summary>
    public bool IsRecovering { get; private set; } = true;

    /// <summary>From where and how far to recover.</summary>
    protected virtual Recovery Recovery => Recovery.Default;

    private PersistenceExtension Persistence =>
        _persistence ??= Cell.System.GetExtension<PersistenceExtension>();

    /// <summary>Stores a snapshot of the state as of <see cref="SnapshotSequenceNr"/>; it is serialized now. Answered
    /// by <see cref="SaveSnapshotSuccess"/> or <see cref="SaveSnapshotFailure"/>.</summary>
    public void SaveSnapshot(object snapshot)
    {
        var metadata = new SnapshotMetadata(PersistenceId, SnapshotSequenceNr, Cell.System.Runtime.Time.GetUtcNow());
        TellOutcome(
            SaveAsync,
            () => new SaveSnapshotSuccess(metadata),
            cause => new SaveSnapshotFailure(metadata, cause));

        Task SaveAsync()
        {
            var (manifest, json) = Persistence.Serializer.Write(snapshot);
            var stored = new NewSnapshot(PersistenceId, metadata.SequenceNr, manifest, json);
            return Persistence.Store.SaveSnapshotAsync(_ownership, stored);
        }
    }

    /// <summary>Deletes the events up to a number (inclusive). Answered by <see cref="DeleteMessagesSuccess"/> or
    /// <see cref="DeleteMessagesFailure"/>.</summary>
    public void DeleteMessages(long toSequenceNr) => TellOutcome(
        () => Persistence.Store.DeleteEventsAsync(_ownership, PersistenceId, toSequenceNr),
        () => new DeleteMessagesSuccess(toSequenceNr),
        cause => new DeleteMessagesFailure(cause, toSequenceNr));

    /// <summary>Deletes the snapshots that match. Answered by <see cref="DeleteSnapshotsSuccess"/> or
    /// <see cref="DeleteSnapshotsFailure"/>.</summary>
    public void DeleteSnapshots(SnapshotSelectionCriteria criteria) => TellOutcome(
        () => Persistence.Store.DeleteSnapshotsAsync(_ownership, PersistenceId, criteria),
        () => new DeleteSnapshotsSuccess(criteria),
        cause => new DeleteSnapshotsFailure(criteria, cause));

    /// <summary>Gives a replayed event, a snapshot or <see cref="RecoveryCompleted"/> to the recovery handlers.</summary>
    /// <returns>False if none of them takes it.</returns>
    protected abstract bool ReceiveRecover(object message);

    /// <summary>Tags under which others find an event.</summary>
    protected virtual IReadOnlyList<string> TagsOf(object @event) => [];

    /// <summary>The store failed to write; whether the event is stored isn't known. The actor stops after this.</summary>
    protected virtual void OnPersistFailure(Exception cause, object? @event, long sequenceNr) => Cell.System.Log.LogError(
        cause, "{PersistenceId} stops: event {Type} with sequence number {SequenceNr} was not stored: {Message}",
        PersistenceId, @event?.GetType().Name, sequenceNr, cause.Message);

    /// <summary>The event was refused before anything was written: it can't be serialized, is too large, or the store
    /// is overloaded. The actor goes on; the event's handler doesn't run.</summary>
    protected virtual void OnPersistRejected(Exception cause, object? @event, long sequenceNr) =>
        Cell.System.Log.LogWarning(
            cause, "{PersistenceId}: event {Type} was rejected: {Message}",
            PersistenceId, @event?.GetType().Name, cause.Message);

    /// <summary>The past could not be replayed. The actor stops after this.</summary>
    protected virtual void OnRecoveryFailure(Exception reason, object? message = null) =>
        Cell.System.Log.LogError(reason, "{PersistenceId} stops: {Message}", PersistenceId, reason.Message);

    /// <summary>All of the past was replayed; before <see cref="RecoveryCompleted"/>.</summary>
    protected virtual void OnReplaySuccess()
    {
    }

    private void TellOutcome(Func<Task> start, Func<object> success, Func<Exception, object> failure)
    {
        Task task;
        try
        {
            task = start();
        }
        catch (Exception cause)
        {
            Cell.TellInternally(failure(cause));
            return;
        }
        _ = task.ContinueWith(
            done => Cell.TellInternally(done.Failure() is { } cause ? Explain(cause) : success()),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

        object Explain(Exception cause)
        {
            PublishIfFenced(cause);
            return failure(cause);
        }
    }

    /// <summary>Tells the node that somebody else owns the actor's scope.</summary>
    private void PublishIfFenced(Exception cause)
    {
        if (cause is FencedException fenced)
            Cell.System.EventStream.Publish(
                new OwnershipLost(PersistenceId, fenced.Token, fenced.CurrentEpoch, fenced.CurrentOwner));
    }
}
