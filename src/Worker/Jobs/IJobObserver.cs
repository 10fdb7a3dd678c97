namespace GpuActors.Worker.Jobs;

/// <summary>Hears how a run gets on; called from any thread, returns quickly.</summary>
public interface IJobObserver
{
    /// <summary>Steps done so far of all; never goes back, at most ten times a second and once at the end.</summary>
    void Progress(long stepsDone, long stepsTotal);

    /// <summary>Kernels printed something; bounded as the log is.</summary>
    void Log(string text);
}

/// <summary>Opens an input blob: a stream that can seek and knows its length. Disposed after the run.</summary>
/// <exception cref="IOException">It cannot be had.</exception>
public delegate Task<Stream> OpenBlob(string sha256, CancellationToken cancellationToken);

/// <summary>Bounds of a run.</summary>
public sealed record JobRunSettings
{
    /// <summary>A folder for outputs that are too large to keep in memory; made when it is needed.</summary>
    public required string OutputFolder { get; init; }

    /// <summary>Outputs up to this are kept in memory.</summary>
    public int InlineOutputBytes { get; init; } = 64 << 10;

    /// <summary>Of those, up to this in all travel with the attempt's end; the others are uploaded.</summary>
    public int InlineTotalBytes { get; init; } = 1 << 20;

    /// <summary>How much of what kernels print is kept.</summary>
    public int LogBytes { get; init; } = 64 << 10;

    /// <summary>The least time between two reports of progress.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMilliseconds(100);
}
