namespace GpuActors.Actors;

/// <summary>An actor with a stash; the runtime sets the property before <c>PreStart</c>.</summary>
public interface IWithStash
{
    IStash Stash { get; set; }
}

/// <summary>
/// Messages set aside for later, in the order they came. Bounded. A restart puts them back into the mailbox; a stop
/// makes them dead letters.
/// </summary>
public interface IStash
{
    int Count { get; }

    int Capacity { get; }

    bool IsFull { get; }

    /// <summary>Sets the current message aside.</summary>
    /// <exception cref="StashOverflowException">The stash is full.</exception>
    /// <exception cref="InvalidOperationException">The current message is in the stash already.</exception>
    void Stash();

    /// <summary>Puts the oldest message back, before all others in the mailbox.</summary>
    void Unstash();

    /// <summary>Puts all messages back, before all others in the mailbox.</summary>
    void UnstashAll();

    /// <summary>Puts back the messages that the filter accepts; the others stay.</summary>
    void UnstashAll(Func<object, bool> filter);

    /// <summary>Forgets all messages and returns them.</summary>
    IReadOnlyList<object> ClearStash();
}

/// <inheritdoc cref="IStash"/>
internal sealed class Stash(ActorCell cell, int capacity) : IStash
{
    private readonly List<Envelope> _envelopes = [];

    public int Count => _envelopes.Count;

    public int Capacity => capacity;

    public bool IsFull => Count >= capacity;

    void IStash.Stash()
    {
        cell.AssertOnTurn();
        var current = cell.CurrentEnvelope
            ?? throw new InvalidOperationException($"{cell.Path} has no current message to stash.");
        if (_envelopes.Count > 0 && ReferenceEquals(_envelopes[^1], current))
        {
            throw new InvalidOperationException($"{cell.Path} stashed the message {current.Message} already.");
        }

        if (IsFull)
        {
            cell.System.PublishDeadLetter(current.Message, current.Sender, cell);
            throw new StashOverflowException($"The stash of {cell.Path} is full with {capacity} messages.");
        }

        _envelopes.Add(current);
    }

    public void Unstash()
    {
        if (Count > 0)
        {
            var oldest = _envelopes[0];
            _envelopes.RemoveAt(0);
            cell.Prepend([oldest]);
        }
    }

    public void UnstashAll()
    {
        cell.Prepend(_envelopes);
        _envelopes.Clear();
    }

    public void UnstashAll(Func<object, bool> filter)
    {
        var chosen = _envelopes.FindAll(e => filter(e.Message));
        _envelopes.RemoveAll(chosen.Contains);
        cell.Prepend(chosen);
    }

    public IReadOnlyList<object> ClearStash()
    {
        var messages = _envelopes.ConvertAll(e => e.Message);
        _envelopes.Clear();
        return messages;
    }
}
