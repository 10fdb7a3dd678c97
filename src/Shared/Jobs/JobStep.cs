using GpuActors.Shared.Jobs.Expressions;

namespace GpuActors.Shared.Jobs;

/// <summary>One step of a job.</summary>
public abstract record JobStep
{
    /// <summary>What the step is for, for people.</summary>
    public string? Comment { get; init; }

    /// <summary>The step's name in a document: the field that holds its parameters.</summary>
    public abstract string Kind { get; }
}

/// <summary>
/// Makes a buffer or image that lives until its <see cref="ReleaseStep"/> or the end of the block it is in.
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="Memory">What to make.</param>
public sealed record CreateStep(string Name, JobMemory Memory) : JobStep
{
    /// <inheritdoc/>
    public override string Kind => "create";
}

/// <summary>Gives a buffer or image back that a step of the same block made.</summary>
/// <param name="Name">Its name.</param>
public sealed record ReleaseStep(string Name) : JobStep
{
    /// <inheritdoc/>
    public override string Kind => "release";
}

/// <summary>Copies bytes of an input into a buffer or image.</summary>
/// <param name="Memory">The buffer or image; an image is written whole.</param>
/// <param name="Input">The input.</param>
public sealed record WriteStep(string Memory, string Input) : JobStep
{
    /// <inheritdoc/>
    public override string Kind => "write";

    /// <summary>Where in the buffer, in bytes; 0 if null.</summary>
    public Expression? Offset { get; init; }

    /// <summary>Where in the input, in bytes; 0 if null.</summary>
    public Expression? InputOffset { get; init; }

    /// <summary>How many bytes; the rest of the input if null.</summary>
    public Expression? Size { get; init; }
}

/// <summary>Runs a kernel.</summary>
/// <param name="Kernel">The kernel's name in the program.</param>
/// <param name="Global">Work-items in each of 1 to 3 dimensions.</param>
public sealed record LaunchStep(string Kernel, IReadOnlyList<Expression> Global) : JobStep
{
    /// <inheritdoc/>
    public override string Kind => "launch";

    /// <summary>The program; null: the only one of the document.</summary>
    public string? Program { get; init; }

    /// <summary>Work-items of a group in each dimension; null: the device chooses.</summary>
    public IReadOnlyList<Expression>? Local { get; init; }

    /// <summary>The first global id in each dimension; null: zeros.</summary>
    public IReadOnlyList<Expression>? Offset { get; init; }

    /// <summary>The kernel's arguments in order.</summary>
    public IReadOnlyList<JobArgument> Arguments { get; init; } = [];
}

/// <summary>Copies between two buffers.</summary>
/// <param name="From">The buffer to read.</param>
/// <param name="To">The buffer to write.</param>
public sealed record CopyStep(string From, string To) : JobStep
{
    /// <inheritdoc/>
    public override string Kind => "copy";

    /// <summary>Where to read, in bytes; 0 if null.</summary>
    public Expression? FromOffset { get; init; }

    /// <summary>Where to write, in bytes; 0 if null.</summary>
    public Expression? ToOffset { get; init; }

    /// <summary>How many bytes; the rest of <see cref="From"/> if null.</summary>
    public Expression? Size { get; init; }
}

/// <summary>Fills a buffer with a repeated value.</summary>
/// <param name="Memory">The buffer.</param>
/// <param name="Value">The value.</param>
public sealed record FillStep(string Memory, JobValue Value) : JobStep
{
    /// <inheritdoc/>
    public override string Kind => "fill";

    /// <summary>Where to begin, in bytes, a multiple of the value's size; 0 if null.</summary>
    public Expression? Offset { get; init; }

    /// <summary>How many bytes, a multiple of the value's size; the rest if null.</summary>
    public Expression? Size { get; init; }
}

/// <summary>Appends bytes of a buffer, or an image's pixels, to an output.</summary>
/// <param name="Memory">The buffer or image; an image is read whole.</param>
/// <param name="Output">The output.</param>
public sealed record ReadStep(string Memory, string Output) : JobStep
{
    /// <inheritdoc/>
    public override string Kind => "read";

    /// <summary>Where to begin, in bytes; 0 if null.</summary>
    public Expression? Offset { get; init; }

    /// <summary>How many bytes; the rest if null.</summary>
    public Expression? Size { get; init; }
}

/// <summary>
/// Appends the device's time in nanoseconds, a <c>ulong</c>, once all steps before are done: what differs between two
/// of them is how long the steps between took.
/// </summary>
/// <param name="Output">The output.</param>
public sealed record ClockStep(string Output) : JobStep
{
    /// <inheritdoc/>
    public override string Kind => "clock";
}

/// <summary>Does its steps again and again.</summary>
/// <param name="Count">How often; may use constants, not counters.</param>
/// <param name="Steps">The steps, at least one.</param>
public sealed record RepeatStep(Expression Count, IReadOnlyList<JobStep> Steps) : JobStep
{
    /// <inheritdoc/>
    public override string Kind => "repeat";

    /// <summary>A name by which the steps can use how many rounds are done: 0, 1, … count - 1.</summary>
    public string? Counter { get; init; }
}
