using System.Diagnostics.CodeAnalysis;

namespace GpuActors.Shared.Jobs;

/// <summary>A job document, or everything that is wrong with it.</summary>
public sealed class JobParseResult
{
    internal JobParseResult(JobDocument? document, JobProblem[] problems, bool hasMoreProblems)
    {
        Document = document;
        Problems = problems;
        HasMoreProblems = hasMoreProblems;
    }

    /// <summary>The document; null if it has problems.</summary>
    public JobDocument? Document { get; }

    /// <summary>What is wrong, at most <see cref="JobLimits.Problems"/>; empty if nothing is.</summary>
    public IReadOnlyList<JobProblem> Problems { get; }

    /// <summary>There were more problems than are listed.</summary>
    public bool HasMoreProblems { get; }

    /// <summary>The document is right.</summary>
    [MemberNotNullWhen(true, nameof(Document))]
    public bool IsValid => Document is not null;

    /// <summary>The document.</summary>
    /// <exception cref="JobFormatException">It has problems.</exception>
    public JobDocument GetDocumentOrThrow() => Document ?? throw new JobFormatException(Problems);
}

/// <summary>A job document has problems.</summary>
public sealed class JobFormatException(IReadOnlyList<JobProblem> problems)
    : FormatException("The job document is not right:\n" + string.Join('\n', problems))
{
    /// <summary>What is wrong.</summary>
    public IReadOnlyList<JobProblem> Problems { get; } = problems;
}
