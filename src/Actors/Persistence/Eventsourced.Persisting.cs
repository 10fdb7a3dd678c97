using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence;

public abstract partial class Eventsourced
{
    // Calls of the running command; they go to the store when it has ended.
    private readonly List<PersistInvocation> _unsent = [];

    // Calls at the store whose handlers have not run yet, in order.
    private readonly Queue<PersistInvocation> _pending = new();
    private Action<long>? _reached;
    private Task _lastWrite = Task.CompletedTask;
    private long _lastSent;
    private int _holding;

    /// <summary>
    /// Stores an event, then runs <paramref name="handler"/>, which applies it to the state. No other command is
    /// processed meanwhile.
    /// </summary>
    public void Persist<TEvent>(TEvent @event, Action<TEvent> handler)
        where TEvent : notnull => Call([@event], handler, holdsCommands: true);

    /// <summary>Stores events together or not at all, then runs the handler for each, and at last
    /// <paramref name="onComplete"/>. No other command is processed meanwhile.</summary>
    public void PersistAll<TEvent>(IEnumerable<TEvent> events, Action<TEvent> handler, Action? onComplete = null)
        where TEvent : notnull => Call([.. events], handler, holdsCommands: true, onComplete);

    /// <summary>As <see cref="Persist"/>, but further commands are processed before the handler has run.</summary>
    public void PersistAsync<TEvent>(TEvent @event, Action<TEvent> handler)
        where TEvent : notnull => Call([@event], handler, holdsCommands: false);

    /// <summary>As <see cref="PersistAll"/>, but further commands are processed before the handlers have run.</summary>
    public void PersistAllAsync<TEvent>(IEnumerable<TEvent> events, Action<TEvent> handler, Action? onComplete = null)
        where TEvent : notnull => Call([.. events], handler, holdsCommands: false, onComplete);

    /// <summary>
    /// As <see cref="Persist"/>, and writes with the event, in the same transaction, a row of the entity index and
    /// small blobs that the event refers to.
    /// </summary>
    public void PersistWith<TEvent>(
        TEvent @event, Action<TEvent> handler, EntityIndexEntry? indexEntry, IReadOnlyList<Blob>? blobs = null)
        where TEvent : notnull => PersistAllWith([@event], handler, indexEntry, blobs);

    /// <summary>As <see cref="PersistAll"/>, with what <see cref="PersistWith"/> adds.</summary>
    public void PersistAllWith<TEvent>(
        IReadOnlyList<TEvent> events, Action<TEvent> handler, EntityIndexEntry? indexEntry,
        IReadOnlyList<Blob>? blobs = null)
        where TEvent : notnull => Call(events, handler, holdsCommands: true, null, indexEntry, blobs);

    /// <summary>Runs <paramref name="handler"/> after the handlers of everything persisted before, without storing
    /// <paramref name="event"/>.</summary>
    public void DeferAsync<TEvent>(TEvent @event, Action<TEvent> handler)
    {
        if (_pending.Count == 0 && _unsent.Count == 0)
        {
            handler(@event);
            return;
        }
        _unsent.Add(new PersistInvocation<TEvent>([@event], handler, null)
        {
            HoldsCommands = false,
            Origin = Cell.CurrentEnvelope,
        });
    }

    private void Call<TEvent>(
        IReadOnlyList<TEvent> events,
        Action<TEvent> handler,
        bool holdsCommands,
        Action? onComplete = null,
        EntityIndexEntry? indexEntry = null,
        IReadOnlyList<Blob>? blobs = null)
        where TEvent : notnull
    {
        Cell.AssertOnTurn();
        if (IsRecovering)
            throw new InvalidOperationException(
                $"'{PersistenceId}' can't persist while it recovers; it can from RecoveryCompleted on.");
        var invocation = new PersistInvocation<TEvent>(events, handler, onComplete)
        {
            HoldsCommands = holdsCommands,
            Origin = Cell.CurrentEnvelope,
        };
        if (events.Count > 0 || indexEntry is not null || blobs is { Count: > 0 })
            Prepare(invocation, events, indexEntry, blobs);
        _unsent.Add(invocation);
    }

    private void Prepare<TEvent>(
        PersistInvocation<TEvent> invocation,
        IReadOnlyList<TEvent> events,
        EntityIndexEntry? indexEntry,
        IReadOnlyList<Blob>? blobs)
        where TEvent : notnull
    {
        try
        {
            var newEvents = new NewEvent[events.Count];
            for (var i = 0; i < newEvents.Length; i++)
                newEvents[i] = Serialize(events[i]);
            invocation.Write = new AtomicWrite
            {
                Ownership = _ownership,
                PersistenceId = PersistenceId,
                Events = newEvents,
                IndexEntry = indexEntry,
                Blobs = blobs ?? [],
            };
        }
        catch (Serialization.SerializationException notWritable)
        {
            invocation.Rejection = notWritable;
        }
    }

    private NewEvent Serialize(object @event)
    {
        var (manifest, json) = Persistence.Serializer.Write(@event);
        return new NewEvent(manifest, json) { Tags = TagsOf(@event) };
    }
}
