namespace GpuActors.Shared.Jobs;

/// <summary>Which rule of a job document a problem is about.</summary>
public enum JobProblemKind
{
    /// <summary>Not a JSON document, or a too large one.</summary>
    Syntax,

    /// <summary>A field is missing, unknown, or of the wrong shape: what the JSON Schema says.</summary>
    Structure,

    /// <summary>Each field is well formed, but they don't fit each other, or a value is out of range.</summary>
    Meaning,
}

/// <summary>One thing that is wrong with a job document.</summary>
/// <param name="Path">JSON pointer to the place; empty for the whole document.</param>
/// <param name="Message">What is wrong and what is allowed, one sentence.</param>
/// <param name="Kind">Which rule it breaks.</param>
public sealed record JobProblem(string Path, string Message, JobProblemKind Kind)
{
    /// <summary>Place and message in a line.</summary>
    public override string ToString() => Path.Length == 0 ? Message : $"{Path}: {Message}";
}
