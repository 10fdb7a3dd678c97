namespace GpuActors.Worker.Jobs;

/// <summary>How a run of a job ended.</summary>
public enum JobResult
{
    /// <summary>All steps are done and all outputs are there.</summary>
    Completed,

    /// <summary>The job itself is at fault; it would end the same way elsewhere.</summary>
    Failed,

    /// <summary>The executor is gone; its exit says why.</summary>
    ExecutorLost,
}

/// <summary>
/// The end of a run. Disposing it deletes the files of its outputs.
/// </summary>
/// <param name="Result">How it ended.</param>
/// <param name="Failure">What happened; null when completed.</param>
/// <param name="Outputs">The outputs in the order of their names; empty unless completed.</param>
/// <param name="Log">What kernels printed, bounded.</param>
/// <param name="BuildTime">How long programs took to build.</param>
/// <param name="StepsTime">How long the steps took.</param>
public sealed record JobOutcome(
    JobResult Result, JobFailure? Failure, IReadOnlyList<JobOutputData> Outputs, string Log, TimeSpan BuildTime,
    TimeSpan StepsTime) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var output in Outputs)
        {
            if (output.File is { } file)
            {
                File.Delete(file);
            }
        }
    }
}

/// <summary>Why a job did not complete.</summary>
/// <param name="Kind">A stable word for programs, see <see cref="JobFailureKinds"/>.</param>
/// <param name="Message">What happened and what would be right, a sentence.</param>
/// <param name="Step">JSON pointer into the document, where it is about one place.</param>
/// <param name="Log">The compiler's log.</param>
public sealed record JobFailure(string Kind, string Message, string? Step = null, string? Log = null);

/// <summary>The kinds of failure.</summary>
public static class JobFailureKinds
{
    /// <summary>A program does not build.</summary>
    public const string Build = "build";

    /// <summary>A program has no such kernel.</summary>
    public const string UnknownKernel = "unknownKernel";

    /// <summary>Arguments do not fit the kernel's parameters.</summary>
    public const string KernelArguments = "kernelArguments";

    /// <summary>A number of a step is out of range in some round.</summary>
    public const string Step = "step";

    /// <summary>An input cannot be had, or is not what the document says.</summary>
    public const string Input = "input";

    /// <summary>An output is larger than the document allows.</summary>
    public const string OutputTooLarge = "outputTooLarge";

    /// <summary>Buffers and images take more memory than the slice has.</summary>
    public const string OutOfMemory = "outOfMemory";

    /// <summary>OpenCL refused a step.</summary>
    public const string OpenCl = "openCl";

    /// <summary>The executor is gone.</summary>
    public const string ExecutorLost = "executorLost";
}

/// <summary>One output: its bytes if they are few, otherwise a file of them.</summary>
/// <param name="Name">The output's name.</param>
/// <param name="ContentType">Media type, from the document.</param>
/// <param name="Sha256">Lower-case hexadecimal SHA-256.</param>
/// <param name="SizeBytes">Length.</param>
/// <param name="Inline">The bytes; null if they are in a file.</param>
/// <param name="File">The file's path; null if the bytes are here.</param>
public sealed record JobOutputData(
    string Name, string ContentType, string Sha256, long SizeBytes, byte[]? Inline, string? File);
