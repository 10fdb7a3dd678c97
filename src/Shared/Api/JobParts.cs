namespace GpuActors.Shared.Api;

/// <summary>A slice that a job holds.</summary>
public sealed record PlacedSlice
{
    /// <summary><c>HOST/INDEX/sN</c>.</summary>
    public required string Slice { get; init; }

    /// <summary>The host's name.</summary>
    public required string Host { get; init; }

    /// <summary><c>HOST/INDEX</c>.</summary>
    public required string Gpu { get; init; }

    /// <summary>Memory of the slice in bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Share of the GPU's compute, in (0, 100].</summary>
    public double ComputePercent { get; init; }
}

/// <summary>Steps done of steps to do, loops unrolled.</summary>
/// <param name="StepsDone">Steps whose end was reported.</param>
/// <param name="StepsTotal">Steps of the whole job; 0 while not known.</param>
public readonly record struct JobProgress(long StepsDone, long StepsTotal);

/// <summary>Why a job failed.</summary>
public sealed record JobError
{
    /// <summary>A stable word for programs, such as <c>build</c>, <c>timeLimit</c>, <c>outOfMemory</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What happened and what would be right, as a sentence for people.</summary>
    public required string Message { get; init; }

    /// <summary>Path of the step that failed in the job document, such as <c>/steps/3/steps/0</c>.</summary>
    public string? Step { get; init; }

    /// <summary>The build log or the end of the executor's output.</summary>
    public string? Log { get; init; }
}

/// <summary>One result of a job, a blob.</summary>
public sealed record JobOutput
{
    /// <summary>Name of the output in the job document.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of its bytes, 64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Size in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Media type; <c>application/octet-stream</c> when the document named none.</summary>
    public string ContentType { get; init => field = value ?? DefaultContentType; } = DefaultContentType;

    private const string DefaultContentType = "application/octet-stream";
}

/// <summary>Answer of <c>GET /v1/jobs/{id}/outputs</c>.</summary>
public sealed record JobOutputList
{
    /// <summary>The outputs in the order of the job document.</summary>
    public IReadOnlyList<JobOutput> Outputs { get; init => field = value ?? []; } = [];
}

/// <summary>Answer of a blob's upload.</summary>
public sealed record BlobInfo
{
    /// <summary>SHA-256 of its bytes, 64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Size in bytes.</summary>
    public long Size { get; init; }
}
