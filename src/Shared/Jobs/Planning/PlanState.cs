namespace GpuActors.Shared.Jobs.Planning;

/// <summary>What the numbers of a plan's steps depend on while it is walked through.</summary>
public sealed class PlanState
{
    /// <summary>Stands for a number that is not known before the job runs, or was reported as wrong.</summary>
    public const long Unknown = long.MinValue;

    /// <summary>A state at the start of <paramref name="plan"/>, with the input sizes that the document says.</summary>
    public PlanState(JobPlan plan)
    {
        Counters = new long[JobLimits.RepeatDepth];
        InputBytes = [.. plan.Inputs.Select(input => input.Value.SizeBytes ?? Unknown)];
        MemoryBytes = new long[plan.MemorySlots];
        MemoryBytes.AsSpan().Fill(Unknown);
    }

    /// <summary>The rounds done of each repeat around the current step, outermost first.</summary>
    public long[] Counters { get; }

    /// <summary>The length of each input of the plan.</summary>
    public long[] InputBytes { get; }

    /// <summary>The length of each buffer and image, by slot.</summary>
    public long[] MemoryBytes { get; }
}
