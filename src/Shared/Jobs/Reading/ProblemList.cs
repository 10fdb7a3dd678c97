namespace GpuActors.Shared.Jobs.Reading;

/// <summary>Collects problems up to the limit; each place and message once.</summary>
internal sealed class ProblemList
{
    private readonly List<JobProblem> _problems = [];

    /// <summary>Nothing is wrong so far.</summary>
    public bool IsEmpty => _problems.Count == 0;

    /// <summary>How many problems there are so far.</summary>
    public int Count => _problems.Count;

    /// <summary>Problems were left out.</summary>
    public bool HasMore { get; private set; }

    public void Syntax(JsonPointer place, string message) => Add(place, message, JobProblemKind.Syntax);

    public void Structure(JsonPointer place, string message) => Add(place, message, JobProblemKind.Structure);

    public void Meaning(JsonPointer place, string message) => Add(place, message, JobProblemKind.Meaning);

    /// <summary>Something is wrong at or below a place.</summary>
    public bool HasProblemBelow(string path) =>
        _problems.Exists(problem => problem.Path.StartsWith(path, StringComparison.Ordinal));

    public JobProblem[] ToArray() => [.. _problems];

    private void Add(JsonPointer place, string message, JobProblemKind kind)
    {
        var problem = new JobProblem(place.ToString(), message, kind);
        if (_problems.Contains(problem))
        {
            return;
        }

        if (_problems.Count == JobLimits.Problems)
        {
            HasMore = true;
            return;
        }

        _problems.Add(problem);
    }
}
