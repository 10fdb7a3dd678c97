using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence;

/// <summary>One call of a Persist method on its way through the store, with the handlers to run afterwards.</summary>
internal abstract class PersistInvocation
{
    /// <summary>What to write; null if there is nothing (a deferred handler) or it could not be serialized.</summary>
    public AtomicWrite? Write { get; set; }

    /// <summary>Ends when the store has written; null if there was nothing to write.</summary>
    public Task? Written { get; set; }

    /// <summary>Why the call was refused before anything was written.</summary>
    public Exception? Rejection { get; set; }

    /// <summary>Whether commands wait until the handlers have run.</summary>
    public required bool HoldsCommands { get; init; }

    /// <summary>The command that is behind it.</summary>
    public required Envelope? Origin { get; init; }

    /// <summary>Sequence number of the first event.</summary>
    public long FirstSequenceNr { get; set; }

    /// <summary>The first event, for error reports; null if there is none.</summary>
    public abstract object? FirstEvent { get; }

    public bool IsEnded => Written?.IsCompleted != false;

    /// <summary>Runs the handlers, telling <paramref name="reached"/> the number of each event before its own.</summary>
    public abstract void Handle(Action<long> reached);
}

/// <summary>With events of one type.</summary>
internal sealed class PersistInvocation<TEvent>(
    IReadOnlyList<TEvent> events, Action<TEvent> handler, Action? onComplete) : PersistInvocation
{
    public override object? FirstEvent => events.Count > 0 ? events[0] : null;

    public override void Handle(Action<long> reached)
    {
        for (var i = 0; i < events.Count; i++)
        {
            if (Write is not null)
                reached(FirstSequenceNr + i);
            handler(events[i]);
        }
        onComplete?.Invoke();
    }
}
