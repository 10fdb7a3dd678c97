namespace GpuActors.Actors.Remoting.Wire;

/// <summary>
/// The receiving half of a compression table (<see cref="OutboundTable{TKey}"/>). Each text has been turned into what
/// it stands for (an actor, a codec) when it arrived, so that later messages need no look-up by text.
/// </summary>
/// <typeparam name="TEntry">What a text stands for.</typeparam>
sealed class InboundTable<TEntry>(int slots, int maxTextBytes, Func<string, TEntry> resolve)
    where TEntry : class
{
    TEntry?[] _entries = [];

    /// <summary>The next text's entry; null where the sender wrote none.</summary>
    /// <exception cref="WireFormatException">A slot is empty or out of range, or a text is too long.</exception>
    public TEntry? Read(ref WireReader reader)
    {
        var tag = reader.ReadVarUInt();
        switch (tag)
        {
            case TextTag.None:
                return null;
            case TextTag.Literal:
                return resolve(reader.ReadString(maxTextBytes));
            case TextTag.Definition:
                return Define(reader.ReadVarUInt(), reader.ReadString(maxTextBytes));
            default:
                var slot = tag - TextTag.FirstSlot;
                return slot < (uint)_entries.Length && _entries[slot] is { } entry
                    ? entry
                    : throw new WireFormatException($"slot {slot} of a compression table has not been defined");
        }
    }

    TEntry Define(uint slot, string text)
    {
        if (slot >= (uint)slots)
        {
            throw new WireFormatException($"slot {slot} of a compression table that has {slots}");
        }

        if (slot >= (uint)_entries.Length)
        {
            Array.Resize(ref _entries, Math.Min(slots, Math.Max((int)slot + 1, 2 * _entries.Length)));
        }

        return _entries[slot] = resolve(text);
    }
}
