using GpuActors.Shared.Messages;
using GpuActors.Worker.Blobs;
using ApiOutput = GpuActors.Shared.Api.JobOutput;

namespace GpuActors.Worker.Jobs;

/// <summary>Brings a job's outputs to where the scheduler finds them: small ones travel with the outcome.</summary>
internal static class AttemptOutputs
{
    /// <summary>Uploads what does not travel in the outcome.</summary>
    /// <param name="inlineBytes">How much may travel in the outcome in all: it is one message.</param>
    /// <exception cref="BlobTransferException">One could not be stored.</exception>
    public static async Task<AttemptOutput[]> StoreAsync(
        IReadOnlyList<JobOutputData> outputs,
        BlobTransfer blobs,
        string tenant,
        long inlineBytes,
        CancellationToken cancellationToken)
    {
        var stored = new AttemptOutput[outputs.Count];
        for (var i = 0; i < stored.Length; i++)
        {
            var output = outputs[i];
            if (output.Inline is { } small && small.Length <= inlineBytes)
            {
                inlineBytes -= small.Length;
                stored[i] = Describe(output, small);
                continue;
            }

            await using var content = Open(output);
            await blobs.StoreAsync(tenant, output.Sha256, content, cancellationToken).ConfigureAwait(false);
            stored[i] = Describe(output, null);
        }

        return stored;
    }

    private static Stream Open(JobOutputData output) => output.Inline is { } small
        ? new MemoryStream(small, writable: false)
        : new FileStream(output.File!, FileMode.Open, FileAccess.Read, FileShare.Read);

    private static AttemptOutput Describe(JobOutputData output, byte[]? inline) => new(
        new ApiOutput
        {
            Name = output.Name,
            Sha256 = output.Sha256,
            Size = output.SizeBytes,
            ContentType = output.ContentType,
        },
        inline);
}
