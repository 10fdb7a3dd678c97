using System.Collections.Concurrent;

namespace GpuActors.Actors;

/// <summary>
/// The kinds of handlers that an actor registered, in order. Actors of one class register the same kinds in the same
/// order, so shapes form a tree from the empty one, each registration leading to one successor, and all such actors
/// end with the same shape. It remembers for each type of message which handler is the first that fits.
/// </summary>
internal sealed class HandlerShape
{
    public static readonly HandlerShape Empty = new([]);

    private readonly HandlerKind[] _kinds;
    private readonly ConcurrentDictionary<HandlerKind, HandlerShape> _successors = new(1, 1);
    private readonly FirstFitCache _firstFits = new();
    private HandlerShape? _lastSuccessor;

    private HandlerShape(HandlerKind[] kinds) => _kinds = kinds;

    public int Count => _kinds.Length;

    public HandlerKind this[int index] => _kinds[index];

    /// <summary>The shape with one more kind.</summary>
    public HandlerShape With(HandlerKind kind)
    {
        if (Volatile.Read(ref _lastSuccessor) is { } last && last._kinds[^1] == kind)
        {
            return last;
        }

        var successor = _successors.GetOrAdd(kind, added => new HandlerShape([.. _kinds, added]));
        Volatile.Write(ref _lastSuccessor, successor);
        return successor;
    }

    /// <summary>Index of the first kind at or after <paramref name="start"/> that fits; <see cref="Count"/> if none.</summary>
    public int NextFit(Type messageType, int start)
    {
        var index = start;
        while (index < _kinds.Length && !_kinds[index].MessageType.IsAssignableFrom(messageType))
        {
            index++;
        }

        return index;
    }

    /// <summary>Index of the first kind that fits; <see cref="Count"/> if none.</summary>
    public int FirstFitFor(Type messageType)
    {
        if (!_firstFits.TryGet(messageType, out var index))
        {
            index = NextFit(messageType, 0);
            _firstFits.Add(messageType, index);
        }

        return index;
    }
}
