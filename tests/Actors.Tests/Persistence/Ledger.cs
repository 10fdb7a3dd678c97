using System.Text.Json.Serialization;
using GpuActors.Actors.Persistence;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Tests.Persistence;

internal sealed record Added(string Text);

internal sealed record LedgerState(string[] Texts);

/// <summary>An event that nobody registered.</summary>
internal sealed record Unwritable;

[JsonSerializable(typeof(Added))]
[JsonSerializable(typeof(LedgerState))]
internal sealed partial class LedgerJson : JsonSerializerContext;

/// <summary>A persistent list of texts with a command for each thing that a persistent actor can do.</summary>
internal sealed class Ledger : ReceivePersistentActor
{
    private readonly List<string> _texts = [];
    private readonly IActorRef? _observer;

    public Ledger(string id, IActorRef? observer = null)
    {
        PersistenceId = id;
        _observer = observer;
        Recover<SnapshotOffer>(offer =>
        {
            Observe(offer.Metadata.SequenceNr);
            _texts.AddRange(((LedgerState)offer.Snapshot).Texts);
        });
        Recover<Added>(Apply);
        Recover<RecoveryCompleted>(_ => Observe(new Recovered(LastSequenceNr, [.. _texts])));
        Command<Add>(add => Persist(new Added(add.Text), added => ApplyAndReply(added, Sender)));
        Command<AddAll>(add => PersistAll(
            add.Texts.Select(text => new Added(text)), Apply, () => Sender.Tell(string.Join(',', _texts))));
        Command<AddAsync>(add => PersistAsync(new Added(add.Text), added => ApplyAndReply(added, Sender)));
        Command<AddThenFail>(add =>
        {
            Persist(new Added(add.Text), Apply);
            throw new InvalidOperationException("after Persist");
        });
        Command<AddThenFailInHandler>(add => PersistAsync(
            new Added(add.Text), _ => throw new InvalidOperationException("in the handler")));
        Command<AddWith>(add => PersistWith(
            new Added(add.Text), added => ApplyAndReply(added, Sender), add.Entry, [add.Blob]));
        CommandAsync<AddAfterAwait>(async add =>
        {
            Persist(new Added(add.Text + "1"), Apply);
            await Task.Yield();
            Persist(new Added(add.Text + "2"), added => ApplyAndReply(added, Sender));
        });
        Command<AddNested>(add => Persist(new Added(add.Text), first =>
        {
            Apply(first);
            Persist(new Added(add.Text + "'"), second => ApplyAndReply(second, Sender));
        }));
        Command<Defer>(defer => DeferAsync(defer.Text, text => Sender.Tell($"{text} after {string.Join(',', _texts)}")));
        Command<AddUnwritable>(_ => Persist(new Unwritable(), _ => Sender.Tell("impossible")));
        Command<TakeSnapshot>(_ => SaveSnapshot(new LedgerState([.. _texts])));
        Command<DeleteTo>(delete => DeleteMessages(delete.SequenceNr));
        Command<DropSnapshots>(_ => DeleteSnapshots(SnapshotSelectionCriteria.Latest));
        Command<SaveSnapshotSuccess>(Observe);
        Command<DeleteMessagesSuccess>(Observe);
        Command<Get>(_ => Sender.Tell(string.Join(',', _texts)));
    }

    public override string PersistenceId { get; }

    protected override IReadOnlyList<string> TagsOf(object @event) => @event is Added ? ["added"] : [];

    protected override void OnPersistFailure(Exception cause, object? @event, long sequenceNr)
    {
        base.OnPersistFailure(cause, @event, sequenceNr);
        Observe(new PersistFailed(cause, @event, sequenceNr));
    }

    protected override void OnPersistRejected(Exception cause, object? @event, long sequenceNr)
    {
        base.OnPersistRejected(cause, @event, sequenceNr);
        Observe(new PersistRejected(cause, @event));
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        base.OnRecoveryFailure(reason, message);
        Observe(new RecoveryFailed(reason));
    }

    private void Apply(Added added) => _texts.Add(added.Text);

    private void ApplyAndReply(Added added, IActorRef sender)
    {
        Apply(added);
        sender.Tell(added);
    }

    private void Observe(object what) => _observer?.Tell(what, Self);

    public sealed record Add(string Text);

    public sealed record AddAll(string[] Texts);

    public sealed record AddAsync(string Text);

    public sealed record AddThenFail(string Text);

    public sealed record AddThenFailInHandler(string Text);

    public sealed record AddWith(string Text, EntityIndexEntry Entry, Blob Blob);

    public sealed record AddAfterAwait(string Text);

    public sealed record AddNested(string Text);

    public sealed record AddUnwritable;

    public sealed record Defer(string Text);

    public sealed record TakeSnapshot;

    public sealed record DeleteTo(long SequenceNr);

    public sealed record DropSnapshots;

    public sealed record Get;

    public sealed record Recovered(long LastSequenceNr, string[] Texts);

    public sealed record PersistFailed(Exception Cause, object? Event, long SequenceNr);

    public sealed record PersistRejected(Exception Cause, object? Event);

    public sealed record RecoveryFailed(Exception Reason);
}
