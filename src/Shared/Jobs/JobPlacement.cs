namespace GpuActors.Shared.Jobs;

/// <summary>Where a job must and should run. Equal terms in the same order are equal.</summary>
/// <param name="Must">Elsewhere it does not run.</param>
/// <param name="Should">Elsewhere it runs only if no host that has more of these has room.</param>
public sealed record JobPlacement(IReadOnlyList<JobPlacementTerm> Must, IReadOnlyList<JobPlacementTerm> Should)
{
    /// <summary>The key of the label that every job has: its id.</summary>
    public const string JobKey = "job";

    /// <summary>Wherever there is room.</summary>
    public static JobPlacement Anywhere { get; } = new([], []);

    /// <summary>It may run anywhere.</summary>
    public bool IsAnywhere => Must.Count == 0 && Should.Count == 0;

    /// <inheritdoc/>
    public bool Equals(JobPlacement? other) =>
        other is not null && Must.SequenceEqual(other.Must) && Should.SequenceEqual(other.Should);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var term in Must.Concat(Should))
        {
            hash.Add(term);
        }

        return hash.ToHashCode();
    }
}

/// <summary>One term of a job's placement.</summary>
/// <param name="Kind">What the label must be on, or must not.</param>
/// <param name="Label"><c>KEY=VALUE</c>.</param>
public readonly record struct JobPlacementTerm(PlacementTermKind Kind, string Label);

/// <summary>What a term is about.</summary>
public enum PlacementTermKind
{
    /// <summary>On a host with that label; every host has <c>name=…</c>, and one that says where it stands <c>rack=…</c>.
    /// </summary>
    Host,

    /// <summary>Not on a host with that label.</summary>
    NotHost,

    /// <summary>On a host where a job of the same tenant runs that has that label; every job has <c>job=ID</c>.</summary>
    Beside,

    /// <summary>Not on a host where such a job runs.</summary>
    NotBeside,
}
