namespace GpuActors.Scheduler.Placement.Capacity;

/// <summary>Small numbers for the names of GPU models, in the order in which they were first seen.</summary>
public sealed class ModelTable
{
    private readonly List<string> _names = [];
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);

    /// <summary>How many models there are.</summary>
    public int Count => _names.Count;

    /// <summary>The model's number, 0 to 65,535; a new one for a new name.</summary>
    /// <exception cref="InvalidOperationException">There are too many models.</exception>
    public int IndexOf(string name)
    {
        if (_indexes.TryGetValue(name, out var index))
        {
            return index;
        }

        if (_names.Count > ushort.MaxValue)
        {
            throw new InvalidOperationException($"A cluster has at most {ushort.MaxValue + 1} GPU models.");
        }

        _names.Add(name);
        return _indexes[name] = _names.Count - 1;
    }

    /// <summary>The name of a model's number.</summary>
    public string NameOf(int index) => _names[index];
}
