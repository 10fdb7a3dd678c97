namespace GpuActors.Shared.Jobs.Expressions;

/// <summary>
/// What names mean at one place of a document: its constants, and the counters of the repeats around the place. A
/// repeat without a counter takes up a depth all the same.
/// </summary>
public sealed class ExpressionScope
{
    private readonly IReadOnlyDictionary<string, Expression> _constants;
    private readonly string?[] _counters;

    private ExpressionScope(IReadOnlyDictionary<string, Expression> constants, string?[] counters)
    {
        _constants = constants;
        _counters = counters;
    }

    /// <summary>The scope outside of all repeats.</summary>
    public static ExpressionScope Of(IReadOnlyDictionary<string, Expression> constants) => new(constants, []);

    /// <summary>How many repeats are around the place.</summary>
    public int Depth => _counters.Length;

    /// <summary>The scope inside one more repeat.</summary>
    public ExpressionScope Enter(string? counter) => new(_constants, [.. _counters, counter]);

    /// <summary>The name is a constant or the counter of a repeat around the place.</summary>
    public bool Contains(string name) => _constants.ContainsKey(name) || Array.IndexOf(_counters, name) >= 0;

    /// <summary>All names, constants first.</summary>
    public IEnumerable<string> Names => _constants.Keys.Concat(_counters.OfType<string>());

    internal ExpressionNode Resolve(string name)
    {
        var depth = Array.IndexOf(_counters, name);
        if (depth >= 0)
        {
            return new CounterNode(name, depth);
        }

        return _constants.TryGetValue(name, out var constant) ? constant.Root : new NameNode(name);
    }
}
