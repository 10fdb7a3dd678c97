using System.Net;

namespace GpuActors.Client.Http;

/// <summary>A body that reads a seekable stream from the same place each time, and leaves it open.</summary>
internal sealed class RewindingContent(Stream source, long start, long length) : HttpContent
{
    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        source.Position = start;
        await source.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }
}
