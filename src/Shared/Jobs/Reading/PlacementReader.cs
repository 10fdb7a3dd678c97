namespace GpuActors.Shared.Jobs.Reading;

/// <summary>Reads <c>placement</c>: on which hosts, and beside which jobs, a job must or should run.</summary>
internal static class PlacementReader
{
    public const string Must = "must";
    public const string Should = "should";

    private const string AllowedLabel =
        "a label KEY=VALUE, such as \"rack=r1\": a key of 1 to 63 characters of A-Z a-z 0-9 . _ / -, the first a letter "
        + "or digit, and a value of at most 256 characters";

    private static readonly (string Name, PlacementTermKind Kind)[] Kinds =
    [
        ("host", PlacementTermKind.Host),
        ("notHost", PlacementTermKind.NotHost),
        ("beside", PlacementTermKind.Beside),
        ("notBeside", PlacementTermKind.NotBeside),
    ];

    public static JobPlacement Read(JsonValue? value)
    {
        if (value is not { } placement || JsonFields.Open(placement, "'must', 'should' or both") is not { } fields)
        {
            return JobPlacement.Anywhere;
        }

        var read = new JobPlacement(
            Terms(fields.Optional(Must), JobLimits.Musts), Terms(fields.Optional(Should), JobLimits.Shoulds));
        if (!fields.RefuseOthers() && fields.Count == 0)
        {
            placement.Problems.Structure(placement.Place, "lacks 'must' or 'should'");
        }

        return read;
    }

    /// <summary>The name of a kind of term in a document.</summary>
    public static string NameOf(PlacementTermKind kind) => Array.Find(Kinds, known => known.Kind == kind).Name;

    /// <summary>Which of them come first, and what stands twice, makes no difference.</summary>
    private static JobPlacementTerm[] Terms(JsonValue? value, int most) => value?.Items(0, most, "terms") is not { } items
        ? []
        : [.. items.Select(Term).OfType<JobPlacementTerm>().Distinct()
            .OrderBy(term => term.Kind).ThenBy(term => term.Label, StringComparer.Ordinal)];

    private static JobPlacementTerm? Term(JsonValue value)
    {
        var names = string.Join(", ", Kinds.Select(kind => $"'{kind.Name}'"));
        if (JsonFields.Open(value, $"one of {names}") is not { } fields)
        {
            return null;
        }

        var terms = new List<JobPlacementTerm>();
        foreach (var (name, kind) in Kinds)
        {
            if (fields.Optional(name)?.Text(Names.IsKeyAndValue, AllowedLabel) is { } label)
            {
                terms.Add(new JobPlacementTerm(kind, label));
            }
        }

        if (!fields.RefuseOthers() && fields.Count != 1)
        {
            value.Problems.Structure(value.Place, $"must have one of {names}; it has {fields.Count} of them");
        }

        return terms.Count == 1 ? terms[0] : null;
    }
}
