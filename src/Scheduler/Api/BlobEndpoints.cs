using GpuActors.Scheduler.Blobs;
using GpuActors.Shared.Api;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace GpuActors.Scheduler.Api;

/// <summary>Blobs over HTTP: upload under a hash or under whatever hash the content has, download with ranges.</summary>
public sealed class BlobEndpoints(BlobStore blobs, long maxBlobBytes)
{
    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(ApiRoutes.Blobs, (Delegate)PostAsync)
            .WithSummary("Uploads content under the SHA-256 that it has.")
            .Produces<BlobInfo>(StatusCodes.Status201Created).ProducesProblem(413);
        routes.MapPut(ApiRoutes.Blob, (Delegate)PutAsync)
            .WithSummary("Uploads content under its SHA-256.")
            .Produces<BlobInfo>(StatusCodes.Status201Created).ProducesProblem(413).ProducesProblem(422);
        routes.MapMethods(ApiRoutes.Blob, ["GET", "HEAD"], (Delegate)GetAsync)
            .WithSummary("A blob's bytes; ranges are served.").Produces(200).Produces(206).ProducesProblem(404);
    }

    /// <summary>Answers with a blob's content, or with a part of it if the request asks for a range.</summary>
    internal static async Task<IResult> ServeAsync(
        BlobStore blobs, string tenant, string sha256, string contentType, CancellationToken cancellationToken)
    {
        var content = await blobs.OpenAsync(tenant, sha256, cancellationToken)
            ?? throw ApiProblemException.NotFound($"Tenant '{tenant}' has no blob {sha256}.");
        var tag = new EntityTagHeaderValue($"\"{sha256.ToLowerInvariant()}\"");
        return Results.Stream(content, contentType, entityTag: tag, enableRangeProcessing: true);
    }

    private Task<IResult> PostAsync(HttpContext context) => StoreAsync(context, null);

    private Task<IResult> PutAsync(HttpContext context, string sha256) => StoreAsync(context, Valid(sha256));

    private Task<IResult> GetAsync(HttpContext context, string sha256) => ServeAsync(
        blobs,
        Caller.Of(context).TenantOf(context),
        Valid(sha256),
        "application/octet-stream",
        context.RequestAborted);

    private async Task<IResult> StoreAsync(HttpContext context, string? sha256)
    {
        var tenant = Caller.Of(context).TenantOf(context);
        if (context.Request.ContentLength > maxBlobBytes)
        {
            throw TooLarge();
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = maxBlobBytes;
        }

        await using var upload = blobs.Begin(tenant);
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            foreach (var piece in read.Buffer)
            {
                await upload.WriteAsync(piece, context.RequestAborted);
            }

            reader.AdvanceTo(read.Buffer.End);
            if (upload.SizeBytes > maxBlobBytes)
            {
                throw TooLarge();
            }

            if (read.IsCompleted)
            {
                break;
            }
        }

        if (sha256 is not null && upload.Sha256() is var actual && actual != sha256)
        {
            throw ApiProblemException.HashMismatch(
                $"The content's SHA-256 is {actual}, not {sha256}; nothing was stored.");
        }

        var info = await upload.CommitAsync(context.RequestAborted);
        return Results.Json(info, ApiJsonContext.Default.BlobInfo, statusCode: StatusCodes.Status201Created);
    }

    private ApiProblemException TooLarge() =>
        ApiProblemException.TooLarge($"A blob may have at most {maxBlobBytes} bytes.");

    private static string Valid(string sha256) => sha256.Length == 64 && sha256.All(char.IsAsciiHexDigit)
        ? sha256.ToLowerInvariant()
        : throw ApiProblemException.InvalidRequest("sha256", "must be 64 hexadecimal digits.");
}
