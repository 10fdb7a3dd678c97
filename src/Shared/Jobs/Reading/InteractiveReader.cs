namespace GpuActors.Shared.Jobs.Reading;

/// <summary>Reads <c>interactive</c>, and refuses beside it what only a job with steps has.</summary>
internal static class InteractiveReader
{
    public const string Name = "interactive";
    public const string Lease = "lease";
    public const string IdleLimit = "idleLimit";

    private static readonly string[] OfSteps =
        ["steps", "programs", "inputs", "constants", "buffers", "images", "outputs", "retries"];

    /// <summary>The terms; null: the document has steps.</summary>
    public static InteractiveTerms? Read(JsonFields document)
    {
        if (document.Optional(Name) is not { } value)
        {
            return null;
        }

        RefuseSteps(document, value.Problems);
        if (JsonFields.Open(value, "'lease' and 'idleLimit', or none of them") is not { } fields)
        {
            return InteractiveTerms.Default;
        }

        var terms = new InteractiveTerms(
            fields.Optional(Lease) is { } lease ? ReadLease(lease) : InteractiveTerms.DefaultLease,
            fields.Optional(IdleLimit) is { } idle
                ? AmountReader.ReadTime(idle, InteractiveTerms.ShortestIdleLimit, InteractiveTerms.LongestIdleLimit)
                : InteractiveTerms.DefaultIdleLimit);
        fields.RefuseOthers();
        return terms;
    }

    /// <summary>A client has one stream to one slice; who wants several asks for several sessions.</summary>
    public static void RefuseSeveralGpus(JobDocument document, ProblemList problems)
    {
        if (document is { Interactive: not null, Gpu.Count: > 1 })
        {
            problems.Meaning(
                JsonPointer.Root.Field("gpu").Field("count"),
                "must be 1 for an interactive session; ask for one session for each GPU");
        }
    }

    private static TimeSpan? ReadLease(JsonValue value) => value.IsNull
        ? null
        : AmountReader.ReadTime(value, InteractiveTerms.ShortestLease, InteractiveTerms.LongestLease);

    private static void RefuseSteps(JsonFields document, ProblemList problems)
    {
        foreach (var name in OfSteps)
        {
            if (document.Optional(name) is { } given)
            {
                problems.Structure(
                    given.Place, $"must not be there beside 'interactive': the client of a session sends its commands itself");
            }
        }
    }
}
