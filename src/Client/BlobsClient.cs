using System.Security.Cryptography;
using GpuActors.Client.Http;
using GpuActors.Shared.Api;

namespace GpuActors.Client;

/// <summary>Content by its SHA-256. Names of blobs are 64 lower-case hexadecimal digits.</summary>
public sealed class BlobsClient
{
    private const double SlowestBytesPerSecond = 1024 * 1024;

    private readonly RequestSender _sender;
    private readonly ContentDownloader _downloads;

    internal BlobsClient(RequestSender sender, ContentDownloader downloads)
    {
        _sender = sender;
        _downloads = downloads;
    }

    /// <summary>Uploads bytes, unless they are there already.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public Task<BlobInfo> UploadAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        return UploadAsync(sha256, content.Length, () => new ReadOnlyMemoryContent(content), cancellationToken);
    }

    /// <summary>
    /// Uploads a stream from its position to its end, unless its content is there already. A stream that cannot seek
    /// is first copied to a temporary file, since its hash is needed before and it may have to be sent twice.
    /// </summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public async Task<BlobInfo> UploadAsync(Stream content, CancellationToken cancellationToken = default)
    {
        if (!content.CanSeek)
        {
            var copy = TemporaryFile();
            await using (copy.ConfigureAwait(false))
            {
                await content.CopyToAsync(copy, cancellationToken).ConfigureAwait(false);
                copy.Position = 0;
                return await UploadAsync(copy, cancellationToken).ConfigureAwait(false);
            }
        }

        long start = content.Position;
        byte[] hash = await SHA256.HashDataAsync(content, cancellationToken).ConfigureAwait(false);
        long length = content.Position - start;
        return await UploadAsync(
            Convert.ToHexStringLower(hash), length, () => new RewindingContent(content, start, length), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>True when the tenant has that blob.</summary>
    /// <exception cref="GpuActorsException">It was refused, or nobody answered.</exception>
    public Task<bool> ExistsAsync(string sha256, CancellationToken cancellationToken = default) =>
        _sender.ExistsAsync(new ApiRequest(HttpMethod.Head, PathOf(sha256)), cancellationToken);

    /// <summary>Writes a blob to a stream and checks its hash. A broken download goes on where it stopped.</summary>
    /// <returns>Its size in bytes.</returns>
    /// <exception cref="GpuActorsException">There is none, it is damaged, or nobody answered.</exception>
    public Task<long> DownloadAsync(string sha256, Stream destination, CancellationToken cancellationToken = default) =>
        _downloads.DownloadAsync(PathOf(sha256), sha256.ToLowerInvariant(), destination, cancellationToken);

    /// <summary>A blob's bytes, for those that fit into memory.</summary>
    /// <exception cref="GpuActorsException">There is none, it is damaged, or nobody answered.</exception>
    public async Task<byte[]> ReadAsync(string sha256, CancellationToken cancellationToken = default)
    {
        using var bytes = new MemoryStream();
        await DownloadAsync(sha256, bytes, cancellationToken).ConfigureAwait(false);
        return bytes.ToArray();
    }

    private async Task<BlobInfo> UploadAsync(
        string sha256, long length, Func<HttpContent> content, CancellationToken cancellationToken)
    {
        if (await ExistsAsync(sha256, cancellationToken).ConfigureAwait(false))
        {
            return new BlobInfo { Sha256 = sha256, Size = length };
        }

        var request = new ApiRequest(HttpMethod.Put, PathOf(sha256))
        {
            Content = content,
            ExtraTime = TimeSpan.FromSeconds(length / SlowestBytesPerSecond),
        };
        return await _sender.GetJsonAsync(request, ApiJsonContext.Default.BlobInfo, cancellationToken).ConfigureAwait(false);
    }

    private static string PathOf(string sha256) => sha256.Length == 64 && sha256.All(char.IsAsciiHexDigit)
        ? ApiRequest.Fill(ApiRoutes.Blob, ("sha256", sha256.ToLowerInvariant()))
        : throw new ArgumentException("A blob's name is the SHA-256 of its content: 64 hexadecimal digits.", nameof(sha256));

    private static FileStream TemporaryFile()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), options);
    }
}
