using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Tests.Api;

public sealed class BlobsApiTests(SchedulerFixture scheduler) : IClassFixture<SchedulerFixture>
{
    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(300_000)]
    public async Task What_was_uploaded_is_read_whole_in_part_and_by_its_head(int size)
    {
        using var client = scheduler.Client("blobs");
        var content = Bytes(size);
        var path = $"/v1/blobs/{Sha256(content)}";
        using var stored = await client.PutAsync(path, new ByteArrayContent(content));
        var info = await stored.ReadAsync(HttpStatusCode.Created, ApiJsonContext.Default.BlobInfo);
        info.ShouldBe(new BlobInfo { Sha256 = Sha256(content), Size = size });

        (await client.GetByteArrayAsync(path)).ShouldBe(content);
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        head.StatusCode.ShouldBe(HttpStatusCode.OK);
        head.Content.Headers.ContentLength.ShouldBe(size);
        if (size > 0)
        {
            using var part = await RangeAsync(client, path, 10, 19);
            part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
            (await part.Content.ReadAsByteArrayAsync()).ShouldBe(content[10..20]);
            using var beyond = await RangeAsync(client, path, size, size + 9);
            (await beyond.ProblemAsync(HttpStatusCode.RequestedRangeNotSatisfiable))
                .Type.ShouldBe(ProblemTypes.RangeNotSatisfiable);
        }
    }

    [Fact]
    public async Task Content_posted_without_an_address_is_told_its_own()
    {
        using var client = scheduler.Client("posts");
        var content = Bytes(500);
        using var stored = await client.PostAsync("/v1/blobs", new ByteArrayContent(content));
        (await stored.ReadAsync(HttpStatusCode.Created, ApiJsonContext.Default.BlobInfo)).Sha256.ShouldBe(Sha256(content));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(300_000)]
    public async Task Content_of_another_hash_is_refused_and_not_stored(int size)
    {
        using var client = scheduler.Client("mismatch");
        var (content, other) = (Bytes(size), Bytes(size + 1));
        using var refused = await client.PutAsync($"/v1/blobs/{Sha256(other)}", new ByteArrayContent(content));

        var problem = await refused.ProblemAsync(HttpStatusCode.UnprocessableEntity);
        problem.Type.ShouldBe(ProblemTypes.HashMismatch);
        problem.Detail.ShouldNotBeNull().ShouldContain(Sha256(content));
        foreach (var hash in new[] { Sha256(content), Sha256(other) })
        {
            using var none = await client.GetAsync($"/v1/blobs/{hash}");
            await none.ProblemAsync(HttpStatusCode.NotFound);
        }
    }

    [Theory]
    [InlineData(100)]
    [InlineData(300_000)]
    public async Task A_blob_is_its_tenants_alone(int size)
    {
        using var owner = scheduler.Client("blob-owner");
        using var other = scheduler.Client("blob-other");
        using var worker = scheduler.Client("-", TicketRole.Worker);
        var content = Bytes(size);
        var path = $"/v1/blobs/{Sha256(content)}";
        using var _ = await owner.PutAsync(path, new ByteArrayContent(content));

        using var hidden = await other.GetAsync(path);
        await hidden.ProblemAsync(HttpStatusCode.NotFound);
        using var head = await other.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        head.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var named = await other.GetAsync(path + "?tenant=blob-owner");
        await named.ProblemAsync(HttpStatusCode.Forbidden);
        (await worker.GetByteArrayAsync(path + "?tenant=blob-owner")).ShouldBe(content);

        var document = Http.Document($"uses-{size}", $$"""
            "inputs": { "x": { "blob": "{{Sha256(content)}}" } },
            """);
        using var refused = await other.SubmitAsync(document);
        (await refused.FieldProblemAsync(HttpStatusCode.BadRequest, "/inputs/x/blob")).Message.ShouldContain("upload it first");
        using var accepted = await owner.SubmitAsync(document);
        await accepted.StatusAsync(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task A_worker_names_a_tenant_and_not_a_folder()
    {
        using var worker = scheduler.Client("-", TicketRole.Worker);
        var content = Bytes(300_000);
        foreach (var tenant in new[] { "..", "a/b", "../../x" })
        {
            using var refused = await worker.PutAsync(
                $"/v1/blobs/{Sha256(content)}?tenant={Uri.EscapeDataString(tenant)}", new ByteArrayContent(content));
            await refused.FieldProblemAsync(HttpStatusCode.BadRequest, "?tenant");
        }
    }

    [Fact]
    public async Task A_tenant_of_any_name_keeps_its_blobs_over_a_restart()
    {
        var own = await SchedulerFixture.StartAsync();
        try
        {
            var content = Bytes(300_000);
            using (var before = own.Client("incoming"))
            {
                using var _ = await before.PostAsync("/v1/blobs", new ByteArrayContent(content));
            }

            await own.RestartAsync();
            using var client = own.Client("incoming");
            (await client.GetByteArrayAsync($"/v1/blobs/{Sha256(content)}")).ShouldBe(content);
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_blob_beyond_the_limit_is_refused_whether_its_length_is_known_or_not()
    {
        var own = await SchedulerFixture.StartAsync("gpuactors.scheduler.blob.max-size = 1000B");
        try
        {
            using var client = own.Client("t");
            using var known = await client.PostAsync("/v1/blobs", new ByteArrayContent(Bytes(1001)));
            (await known.ProblemAsync(HttpStatusCode.RequestEntityTooLarge)).Detail.ShouldNotBeNull().ShouldContain("1000");
            using var chunked = new HttpRequestMessage(HttpMethod.Post, "/v1/blobs")
            {
                Content = new ByteArrayContent(Bytes(1001)),
                Headers = { TransferEncodingChunked = true },
            };
            using var unknown = await client.SendAsync(chunked);
            await unknown.ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
            using var fits = await client.PostAsync("/v1/blobs", new ByteArrayContent(Bytes(1000)));
            fits.StatusCode.ShouldBe(HttpStatusCode.Created);
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    private static async Task<HttpResponseMessage> RangeAsync(HttpClient client, string path, long from, long to)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Range = new RangeHeaderValue(from, to);
        return await client.SendAsync(request);
    }

    private static byte[] Bytes(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }

    private static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
