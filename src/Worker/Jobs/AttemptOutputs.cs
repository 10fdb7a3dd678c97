using GpuActors.Shared.Messages;
using GpuActors.Worker.Blobs;
using ApiOutput = GpuActors.Shared.Api.JobOutput;

namespace GpuActors.Worker.Jobs;

/// <summary>Brings a job's outputs to where the scheduler finds them: small ones travel with the outcome.</summary>
internal static class AttemptOutputs
{
    /// <summary>Uploads what does not travel in the outcome.</summary>
    /// <exception cref="BlobTransferException">One could not be stored.</exception>
    public static async Task<AttemptOutput[]> StoreAsync(
        IReadOnlyList<JobOutputData> outputs, BlobTransfer blobs, string tenant, CancellationToken cancellationToken)
    {
        foreach (var output in outputs)
        {
            if (output.File is { } path)
            {
                await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
                await blobs.StoreAsync(tenant, output.Sha256, file, cancellationToken).ConfigureAwait(false);
            }
        }

        return [.. outputs.Select(Describe)];
    }

    private static AttemptOutput Describe(JobOutputData output) => new(
        new ApiOutput
        {
            Name = output.Name,
            Sha256 = output.Sha256,
            Size = output.SizeBytes,
            ContentType = output.ContentType,
        },
        output.Inline);
}
