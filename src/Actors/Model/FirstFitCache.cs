using System.Collections.Frozen;

namespace GpuActors.Actors;

/// <summary>
/// Remembers a number for each type. Reads are lock-free and cost a few nanoseconds, since every message of every
/// <see cref="ReceiveActor"/> makes one: the first types seen are compared one by one, which beats hashing.
/// </summary>
internal sealed class FirstFitCache
{
    private const int ComparedMax = 8;

    private readonly Lock _growing = new();
    private volatile Entry[] _compared = [];
    private volatile FrozenDictionary<Type, int> _hashed = FrozenDictionary<Type, int>.Empty;

    public bool TryGet(Type type, out int index)
    {
        foreach (ref readonly var entry in _compared.AsSpan())
        {
            if (ReferenceEquals(entry.Type, type))
            {
                index = entry.Index;
                return true;
            }
        }

        return _hashed.TryGetValue(type, out index);
    }

    public void Add(Type type, int index)
    {
        lock (_growing)
        {
            if (TryGet(type, out _))
            {
                return;
            }

            if (_compared.Length < ComparedMax)
            {
                _compared = [.. _compared, new Entry(type, index)];
            }
            else
            {
                _hashed = _hashed.Append(new(type, index)).ToFrozenDictionary();
            }
        }
    }

    private readonly record struct Entry(Type Type, int Index);
}
