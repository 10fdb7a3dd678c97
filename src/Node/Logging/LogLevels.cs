using Microsoft.Extensions.Logging;

namespace GpuActors.Node.Logging;

/// <summary>From which level on the entries of a category are logged; may change while the node runs.</summary>
public sealed class LogLevels
{
    /// <summary>Categories that may have a level of their own.</summary>
    public const int MaxCategories = 256;

    private readonly Lock _gate = new();
    private volatile Dictionary<string, LogLevel> _levels = new(StringComparer.Ordinal)
    {
        [""] = LogLevel.Information,
        ["Microsoft"] = LogLevel.Warning,
    };

    /// <summary>All that are set, by category; the empty one is for all others.</summary>
    public IReadOnlyDictionary<string, LogLevel> Current => _levels;

    /// <summary>Sets the level of the categories that begin with <paramref name="category"/>.</summary>
    /// <exception cref="InvalidOperationException">Too many categories have a level of their own.</exception>
    public void Set(string category, LogLevel level)
    {
        lock (_gate)
        {
            var levels = new Dictionary<string, LogLevel>(_levels, StringComparer.Ordinal) { [category] = level };
            if (levels.Count > MaxCategories)
            {
                throw new InvalidOperationException(
                    $"{MaxCategories} categories have a level of their own already; set a shorter beginning of theirs.");
            }

            _levels = levels;
        }
    }

    /// <summary>Whether an entry is logged: the longest category that it begins with decides.</summary>
    public bool IsEnabled(string? category, LogLevel level)
    {
        var levels = _levels;
        var prefix = (category ?? "").AsSpan();
        var byText = levels.GetAlternateLookup<ReadOnlySpan<char>>();
        while (true)
        {
            if (byText.TryGetValue(prefix, out var least))
            {
                return level >= least;
            }

            prefix = prefix[..Math.Max(0, prefix.LastIndexOf('.'))];
        }
    }
}
