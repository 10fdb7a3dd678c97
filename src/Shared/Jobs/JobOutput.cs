namespace GpuActors.Shared.Jobs;

/// <summary>A result of the job. Steps that read into it append to it, in order.</summary>
public sealed record JobOutput
{
    /// <summary>The content type of an output that names none.</summary>
    public const string DefaultContentType = "application/octet-stream";

    /// <summary>Media type.</summary>
    public string ContentType { get; init; } = DefaultContentType;

    /// <summary>What the bytes are, for those who show them.</summary>
    public OpenClType? Element { get; init; }

    /// <summary>The most bytes that it may have; the job fails beyond.</summary>
    public long MaxSizeBytes { get; init; } = JobLimits.MemoryBytes;
}
