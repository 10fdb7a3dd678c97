using GpuActors.Shared.Jobs.Reading;

namespace GpuActors.Shared.Jobs.Planning;

/// <summary>
/// A job document with its names resolved to numbers: what is left to do is to walk through the steps and work out
/// their numbers. The document's checks are a walk through the plan at the first and the last round of every repeat;
/// running the job is a walk through all of them.
/// </summary>
public sealed class JobPlan
{
    internal JobPlan(JobDocument document)
    {
        Document = document;
        Programs = [.. document.Programs.OrderBy(p => p.Key, StringComparer.Ordinal)];
        Inputs = [.. document.Inputs.OrderBy(p => p.Key, StringComparer.Ordinal)];
        Outputs = [.. document.Outputs.OrderBy(p => p.Key, StringComparer.Ordinal)];
    }

    /// <summary>The document.</summary>
    public JobDocument Document { get; }

    /// <summary>The programs by number.</summary>
    public KeyValuePair<string, JobProgram>[] Programs { get; }

    /// <summary>The inputs by number.</summary>
    public KeyValuePair<string, JobInput>[] Inputs { get; }

    /// <summary>The outputs by number.</summary>
    public KeyValuePair<string, JobOutput>[] Outputs { get; }

    /// <summary>Buffers and images that live as long as the job.</summary>
    public IReadOnlyList<PlannedMemory> Declared { get; internal set; } = [];

    /// <summary>Buffers and images in all.</summary>
    public int MemorySlots { get; internal set; }

    /// <summary>The steps.</summary>
    public PlannedBlock Root { get; internal set; } = new([], []);

    /// <summary>Steps once all repeats are expanded.</summary>
    public long TotalSteps { get; internal set; }

    /// <summary>There is an image in it.</summary>
    public bool UsesImages { get; internal set; }

    /// <summary>There is a step that takes the time.</summary>
    public bool TakesTimes { get; internal set; }

    /// <summary>Plans a document that is right.</summary>
    /// <exception cref="JobFormatException">It is not.</exception>
    public static JobPlan Of(JobDocument document)
    {
        var problems = new ProblemList();
        var plan = JobPlanner.Plan(document, problems);
        return problems.IsEmpty ? plan : throw new JobFormatException(problems.ToArray());
    }
}
