using GpuActors.Shared.Commands;
using GpuActors.Shared.Jobs;

namespace GpuActors.Worker.Jobs;

/// <summary>A command of a job, and where its bytes come from or go to.</summary>
/// <param name="Place">What in the document it is done for.</param>
/// <param name="Command">The command.</param>
internal readonly record struct JobCommand(JsonPointer Place, ICommand Command)
{
    /// <summary>The input whose bytes it carries, or -1.</summary>
    public int Input { get; init; } = -1;

    /// <summary>Where in the input its bytes begin.</summary>
    public long InputOffset { get; init; }

    /// <summary>The output that its result is appended to, or -1.</summary>
    public int Output { get; init; } = -1;

    /// <summary>How many bytes it carries or brings.</summary>
    public int SizeBytes { get; init; }

    /// <summary>With it a step is done.</summary>
    public bool EndsStep { get; init; }
}
