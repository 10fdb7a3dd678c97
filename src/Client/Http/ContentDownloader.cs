using System.Buffers;
using System.Net;
using System.Security.Cryptography;

namespace GpuActors.Client.Http;

/// <summary>Downloads content that is known by its hash; a broken download goes on where it stopped.</summary>
internal sealed class ContentDownloader(RequestSender sender)
{
    private const int BufferBytes = 128 * 1024;

    /// <summary>Writes the content to <paramref name="destination"/>.</summary>
    /// <param name="path">Where the content is.</param>
    /// <param name="sha256">The hash that it must have; compared when all of it is written.</param>
    /// <param name="destination">Gets the bytes in order.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <returns>The number of bytes.</returns>
    /// <exception cref="ContentMismatchException">The content has another hash.</exception>
    public async Task<long> DownloadAsync(
        string path, string sha256, Stream destination, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var progress = new Progress(hash, destination);
        for (int failures = 0; ;)
        {
            long before = progress.Bytes;
            var (done, failure) = await TryRestAsync(path, sha256, progress, cancellationToken).ConfigureAwait(false);
            if (done)
            {
                break;
            }

            failures = progress.Bytes > before ? 1 : failures + 1;
            if (failures >= sender.Retries.Attempts)
            {
                throw new ServersUnavailableException(
                    $"The download of {path} broke off after {progress.Bytes} bytes: {failure?.Message}", failure);
            }

            await sender.Retries.WaitAsync(failures - 1, null, cancellationToken).ConfigureAwait(false);
        }

        string actual = Convert.ToHexStringLower(hash.GetCurrentHash());
        return actual == sha256
            ? progress.Bytes
            : throw new ContentMismatchException(
                $"The content of {path} has the SHA-256 {actual} instead of {sha256}; it was damaged on its way or at rest.");
    }

    private async Task<(bool Done, Exception? Failure)> TryRestAsync(
        string path, string sha256, Progress progress, CancellationToken cancellationToken)
    {
        var request = new ApiRequest(HttpMethod.Get, path)
        {
            Headers = progress.Bytes == 0
                ? []
                : [("Range", $"bytes={progress.Bytes}-"), ("If-Range", $"\"{sha256}\"")],
        };
        HttpResponseMessage response;
        try
        {
            response = await sender.OpenAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e) when (progress.Bytes > 0 && e.Status == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // Everything was there already, only the end of the answer was lost.
            return (true, null);
        }

        using (response)
        {
            long start = response.Content.Headers.ContentRange?.From ?? 0;
            if (start > progress.Bytes)
            {
                throw new UnexpectedAnswerException(
                    $"{path} was asked for from byte {progress.Bytes} on, but answered from byte {start} on.");
            }

            return await CopyAsync(response, progress.Bytes - start, progress, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Copies the body but for its first <paramref name="skip"/> bytes, which are there already.</summary>
    private async Task<(bool Done, Exception? Failure)> CopyAsync(
        HttpResponseMessage response, long skip, Progress progress, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        using var silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, sender.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            while (true)
            {
                int count;
                try
                {
                    silence.CancelAfter(sender.SilenceTimeout);
                    count = await body.ReadAsync(buffer, either.Token).ConfigureAwait(false);
                }
                catch (Exception e) when (RetryPolicy.IsConnectionFailure(e) && !cancellationToken.IsCancellationRequested)
                {
                    return (false, e);
                }

                if (count == 0)
                {
                    return (true, null);
                }

                int skipped = (int)Math.Min(skip, count);
                skip -= skipped;
                await progress.AddAsync(buffer.AsMemory(skipped, count - skipped), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private sealed class Progress(IncrementalHash hash, Stream destination)
    {
        public long Bytes { get; private set; }

        public async ValueTask AddAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
        {
            await destination.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
            hash.AppendData(piece.Span);
            Bytes += piece.Length;
        }
    }
}
