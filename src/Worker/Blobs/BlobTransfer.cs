using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using GpuActors.Actors.Runtime;
using GpuActors.Shared.Api;

namespace GpuActors.Worker.Blobs;

/// <summary>
/// Fetches inputs from the scheduler's blob store and puts large outputs there. The scheduler's address becomes known,
/// and may change, with each registration. Content is checked against its hash both ways.
/// </summary>
/// <param name="http">The connection pool.</param>
/// <param name="cache">Blobs kept from earlier attempts.</param>
/// <param name="ticket">Makes a fresh worker ticket.</param>
/// <param name="runtime">Clock and randomness for retries.</param>
public sealed class BlobTransfer(HttpClient http, BlobCache cache, Func<string> ticket, IActorRuntime runtime)
{
    private const int MaxTries = 6;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Where the scheduler's HTTP API is; null before the first registration.</summary>
    public string? Address { get; set; }

    /// <summary>A file with the blob's content, to be read and not changed.</summary>
    /// <exception cref="BlobTransferException">It can't be had.</exception>
    public async Task<FileStream> FetchAsync(string tenant, string sha256, CancellationToken cancellationToken)
    {
        if (cache.Open(tenant, sha256) is { } known)
        {
            return known;
        }

        await TryAsync($"fetch blob {sha256}", () => DownloadAsync(tenant, sha256, cancellationToken), cancellationToken);
        return cache.Open(tenant, sha256)
            ?? throw new BlobTransferException($"Blob {sha256} does not fit into the worker's blob cache.");
    }

    /// <summary>Puts <paramref name="content"/> into the tenant's blob store.</summary>
    /// <exception cref="BlobTransferException">It can't be stored.</exception>
    public Task StoreAsync(string tenant, string sha256, Stream content, CancellationToken cancellationToken) =>
        TryAsync($"store blob {sha256}", () => UploadAsync(tenant, sha256, content, cancellationToken), cancellationToken);

    private async Task DownloadAsync(string tenant, string sha256, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, tenant, sha256);
        using var response = await http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        ThrowIfFinal(response.StatusCode, $"Blob {sha256} of tenant '{tenant}' can't be fetched");
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var incoming = cache.Begin(tenant, sha256, response.Content.Headers.ContentLength ?? 0);
        await body.CopyToAsync(incoming.File, cancellationToken);
        incoming.File.Position = 0;
        var actual = Convert.ToHexStringLower(await SHA256.HashDataAsync(incoming.File, cancellationToken));
        if (actual != sha256)
        {
            throw new IOException($"Blob {sha256} arrived with the SHA-256 {actual}.");
        }

        incoming.Commit();
    }

    private async Task UploadAsync(string tenant, string sha256, Stream content, CancellationToken cancellationToken)
    {
        content.Position = 0;
        using var request = Request(HttpMethod.Put, tenant, sha256);
        request.Content = new KeptStreamContent(content);
        using var response = await http.SendAsync(request, cancellationToken);
        ThrowIfFinal(response.StatusCode, $"Output blob {sha256} of tenant '{tenant}' can't be stored");
        response.EnsureSuccessStatusCode();
    }

    private HttpRequestMessage Request(HttpMethod method, string tenant, string sha256)
    {
        var address = Address ?? throw new IOException("No scheduler is known yet.");
        var path = ApiRoutes.Blob.Replace("{sha256}", sha256, StringComparison.Ordinal);
        var request = new HttpRequestMessage(
            method, new Uri($"{address.TrimEnd('/')}{path}?tenant={Uri.EscapeDataString(tenant)}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ticket());
        return request;
    }

    private static void ThrowIfFinal(HttpStatusCode status, string what)
    {
        if ((int)status is >= 400 and < 500 and not 429 and not 408)
        {
            throw new BlobTransferException($"{what}: the scheduler answers {(int)status}.");
        }
    }

    private async Task TryAsync(string what, Func<Task> transfer, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await transfer();
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException && attempt < MaxTries)
            {
                var pause = FirstPause * Math.Pow(2, attempt - 1) * (0.5 + runtime.Random.NextDouble());
                await Task.Delay(pause, runtime.Time, cancellationToken);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                throw new BlobTransferException($"Could not {what} in {MaxTries} tries: {e.Message}", e);
            }
        }
    }

    /// <summary>Content that does not close its stream, so that a failed upload can be tried again.</summary>
    private sealed class KeptStreamContent(Stream stream) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream target, TransportContext? context) =>
            stream.CopyToAsync(target);

        protected override bool TryComputeLength(out long length)
        {
            length = stream.Length;
            return true;
        }
    }
}

/// <summary>A blob could not be moved; the message says why.</summary>
public sealed class BlobTransferException(string message, Exception? inner = null) : Exception(message, inner);
