using System.Diagnostics.CodeAnalysis;

namespace GpuActors.Actors.Remoting.Wire;

/// <summary>
/// The sending half of a compression table: texts that return often (paths, manifests) cross a connection once and
/// are a small number from then on. The table belongs to one direction of one connection, whose order keeps both
/// halves in step. It has a fixed number of slots that are filled in turn and, when all are full, taken over in the
/// same turn, so it never grows and a text that fell out is simply defined again.
/// </summary>
/// <remarks>
/// A text on the wire is a number n: 0 no text; 1 a text follows that is not to be remembered; 2 a slot and a text
/// follow that are; otherwise slot n - 3.
/// </remarks>
/// <typeparam name="TKey">What the texts belong to; compared by reference where it is not a string.</typeparam>
sealed class OutboundTable<TKey>
    where TKey : class
{
    readonly Dictionary<TKey, int> _slotOf;
    readonly TKey?[] _keys;
    int _next;

    public OutboundTable(int slots)
    {
        _keys = new TKey?[slots];
        IEqualityComparer<TKey> comparer = typeof(TKey) == typeof(string)
            ? EqualityComparer<TKey>.Default
            : new ByReference();
        _slotOf = new Dictionary<TKey, int>(comparer);
    }

    /// <summary>Writes the slot of a key that is known; false when it must be defined.</summary>
    public bool TryWrite(WireBuffer output, TKey key)
    {
        if (!_slotOf.TryGetValue(key, out var slot))
        {
            return false;
        }

        output.WriteVarUInt((uint)slot + TextTag.FirstSlot);
        return true;
    }

    /// <summary>Gives <paramref name="key"/> a slot and writes its text.</summary>
    public void Define(WireBuffer output, TKey key, string text)
    {
        var slot = _next;
        _next = (slot + 1) % _keys.Length;
        if (_keys[slot] is { } evicted)
        {
            _slotOf.Remove(evicted);
        }

        _keys[slot] = key;
        _slotOf[key] = slot;
        output.WriteVarUInt(TextTag.Definition);
        output.WriteVarUInt((uint)slot);
        output.WriteString(text);
    }

    sealed class ByReference : IEqualityComparer<TKey>
    {
        public bool Equals(TKey? x, TKey? y) => ReferenceEquals(x, y);

        public int GetHashCode([DisallowNull] TKey obj) =>
            System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj);
    }
}

/// <summary>The numbers that begin a text on the wire.</summary>
static class TextTag
{
    public const uint None = 0;
    public const uint Literal = 1;
    public const uint Definition = 2;
    public const uint FirstSlot = 3;
}
