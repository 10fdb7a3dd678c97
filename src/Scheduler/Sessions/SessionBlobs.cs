using GpuActors.Actors.Persistence.Store;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Sessions;

/// <summary>The small outputs that came with the end of an attempt, as blobs to be written in its transaction.</summary>
internal static class SessionBlobs
{
    /// <summary>One blob for each inline output.</summary>
    public static IReadOnlyList<Blob> Of(string tenant, AttemptOutput[] outputs) =>
        [.. outputs.Where(o => o.Inline is not null).Select(o => new Blob(tenant, o.Inline))];

    /// <summary>The name of an output whose content is not what its hash says; null if all are right.</summary>
    public static string? FirstCorrupt(AttemptOutput[] outputs) => outputs
        .FirstOrDefault(o => o.Inline is { } content && BlobHash.Of(content).ToString() != o.Output.Sha256)?.Output.Name;
}
