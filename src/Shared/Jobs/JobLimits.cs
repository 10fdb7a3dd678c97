namespace GpuActors.Shared.Jobs;

/// <summary>What a job document may hold at most. A document beyond one of these is refused with its place.</summary>
public static class JobLimits
{
    /// <summary>Bytes of the whole document as UTF-8.</summary>
    public const int DocumentBytes = 4 * 1024 * 1024;

    /// <summary>Problems reported at once.</summary>
    public const int Problems = 50;

    /// <summary>Programs in a document.</summary>
    public const int Programs = 64;

    /// <summary>Characters of a program's options.</summary>
    public const int OptionsLength = 1024;

    /// <summary>Inputs in a document.</summary>
    public const int Inputs = 1024;

    /// <summary>Outputs in a document.</summary>
    public const int Outputs = 1024;

    /// <summary>Buffers, and images, in a document.</summary>
    public const int Buffers = 4096;

    /// <summary>Constants in a document.</summary>
    public const int Constants = 256;

    /// <summary>Labels in a document.</summary>
    public const int Labels = 32;

    /// <summary>Characters of a label's value.</summary>
    public const int LabelLength = 256;

    /// <summary>Characters of a comment.</summary>
    public const int CommentLength = 1000;

    /// <summary>Steps as written, in all repeats together.</summary>
    public const int WrittenSteps = 20_000;

    /// <summary>Steps once all repeats are expanded.</summary>
    public const long ExpandedSteps = 1_000_000_000;

    /// <summary>Repeats within repeats.</summary>
    public const int RepeatDepth = 8;

    /// <summary>Arguments of a launch.</summary>
    public const int Arguments = 128;

    /// <summary>Characters of an expression.</summary>
    public const int ExpressionLength = 200;

    /// <summary>Bytes of one buffer, of one local argument, or of one output.</summary>
    public const long MemoryBytes = 1L << 44;

    /// <summary>Work-items in one dimension of a launch.</summary>
    public const long GlobalSize = 1L << 40;

    /// <summary>Pixels in one dimension of an image.</summary>
    public const long ImageSize = 1L << 16;

    /// <summary>GPUs of one job.</summary>
    public const int Gpus = 64;

    /// <summary>Thousandths of a core of one job.</summary>
    public const int CpuMilli = 4096 * 1000;

    /// <summary>Patterns for a model.</summary>
    public const int Models = 16;

    /// <summary>What a job must have of its place.</summary>
    public const int Musts = 16;

    /// <summary>What it should have: each outweighs all that follows, and there are so many steps.</summary>
    public const int Shoulds = 7;

    /// <summary>The longest time limit.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromDays(7);

    /// <summary>The longest that a job may go on which has to yield.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    /// <summary>The most retries.</summary>
    public const int Retries = 20;

    /// <summary>The retries of a document that gives none.</summary>
    public const int DefaultRetries = 3;

    /// <summary>The highest priority; the lowest is its negative.</summary>
    public const int Priority = 100;
}
