namespace GpuActors.Scheduler.Placement.Constraints;

/// <summary>The terms of one request. Equal lists are equal.</summary>
public sealed class PlacementTerms : IEquatable<PlacementTerms>
{
    /// <summary>The most terms that say should: each outweighs all scores, and there are so many steps.</summary>
    public const int ShouldLimit = 7;

    private readonly PlacementTerm[] _terms;

    private PlacementTerms(PlacementTerm[] terms) => _terms = terms;

    /// <summary>No terms.</summary>
    public static PlacementTerms None { get; } = new([]);

    /// <summary>The terms, those with must first.</summary>
    public IReadOnlyList<PlacementTerm> All => _terms;

    /// <summary>There are none.</summary>
    public bool IsEmpty => _terms.Length == 0;

    /// <summary>These terms.</summary>
    /// <exception cref="ArgumentException">More than <see cref="ShouldLimit"/> say should.</exception>
    public static PlacementTerms Of(params IEnumerable<PlacementTerm> terms)
    {
        var sorted = terms.Distinct().OrderByDescending(term => term.IsMust).ThenBy(term => term.Subject)
            .ThenBy(term => term.IsNear).ThenBy(term => term.Label, StringComparer.Ordinal).ToArray();
        return sorted.Count(term => !term.IsMust) > ShouldLimit
            ? throw new ArgumentException($"At most {ShouldLimit} terms may say should.")
            : sorted.Length == 0 ? None : new PlacementTerms(sorted);
    }

    /// <inheritdoc/>
    public bool Equals(PlacementTerms? other) =>
        other is not null && (ReferenceEquals(this, other) || _terms.AsSpan().SequenceEqual(other._terms));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PlacementTerms);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        Array.ForEach(_terms, hash.Add);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", (object[])_terms);
}
