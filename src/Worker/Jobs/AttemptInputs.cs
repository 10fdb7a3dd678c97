using GpuActors.Worker.Blobs;

namespace GpuActors.Worker.Jobs;

/// <summary>The input blobs of one attempt. Remembers what could not be had, which decides how the attempt ends.</summary>
internal sealed class AttemptInputs(BlobTransfer blobs, string tenant)
{
    /// <summary>Why an input could not be had; null if all could.</summary>
    public BlobTransferException? Failure { get; private set; }

    /// <summary>
    /// The scheduler has answered, or the blob can't fit: another try would end the same way. Otherwise the scheduler
    /// could not be reached, which is no fault of the job.
    /// </summary>
    public static bool IsFinal(BlobTransferException failure) => failure.InnerException is null;

    /// <summary>Opens a blob.</summary>
    /// <exception cref="IOException">It can't be had.</exception>
    public async Task<Stream> OpenAsync(string sha256, CancellationToken cancellationToken)
    {
        try
        {
            return await blobs.FetchAsync(tenant, sha256, cancellationToken).ConfigureAwait(false);
        }
        catch (BlobTransferException e)
        {
            Failure = e;
            throw new IOException(e.Message, e);
        }
    }
}
