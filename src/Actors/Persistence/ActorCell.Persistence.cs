namespace GpuActors.Actors;

/// <summary>What persistent actors need of their cell beyond what others do.</summary>
internal sealed partial class ActorCell
{
    /// <summary>Whether the task of an async handler runs, so that no other message is processed.</summary>
    internal bool IsAwaiting => (_state & CellStates.Awaiting) != 0;

    /// <summary>
    /// Runs <paramref name="action"/> as if it were part of processing <paramref name="origin"/>, so that
    /// <c>Sender</c> is the sender of the command from which an event came.
    /// </summary>
    internal void RunAs<TState>(Envelope? origin, Action<TState> action, TState state)
    {
        var outer = _current;
        _current = origin;
        try
        {
            action(state);
        }
        finally
        {
            _current = outer;
        }
    }
}
