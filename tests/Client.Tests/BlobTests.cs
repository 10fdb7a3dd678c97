using System.Security.Cryptography;
using GpuActors.Shared.Api;
using static GpuActors.Client.Tests.Answers;

namespace GpuActors.Client.Tests;

public sealed class BlobTests : ClientFixture
{
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(300_000);
    private static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData(Content));
    private static readonly string Path = $"/v1/blobs/{Hash}";
    private static readonly BlobInfo Info = new() { Sha256 = Hash, Size = Content.Length };

    [Fact]
    public async Task Content_that_is_there_is_not_sent()
    {
        Server.On("HEAD " + Path, Bytes(Content));

        (await Client.Blobs.UploadAsync(Content)).ShouldBe(Info);

        Server.Received.ShouldHaveSingleItem().Method.ShouldBe("HEAD");
    }

    [Fact]
    public async Task An_upload_that_fails_is_sent_again_from_its_start()
    {
        Server.On("PUT " + Path, Drop(), Problem(503, "unavailable"), Json(Info, ApiJsonContext.Default.BlobInfo, 201));
        using var stream = new MemoryStream([1, 2, 3, .. Content]) { Position = 3 };

        (await Client.Blobs.UploadAsync(stream)).ShouldBe(Info);

        Server.To("PUT " + Path).Count.ShouldBe(3);
        Server.To("PUT " + Path).ShouldAllBe(r => r.Body.SequenceEqual(Content));
        stream.CanRead.ShouldBeTrue();
    }

    [Fact]
    public async Task A_stream_that_cannot_seek_is_uploaded_too()
    {
        Server.On("PUT " + Path, Drop(), Json(Info, ApiJsonContext.Default.BlobInfo, 201));
        using var stream = new OneWayStream(Content);

        (await Client.Blobs.UploadAsync(stream)).Sha256.ShouldBe(Hash);

        Server.To("PUT " + Path)[^1].Body.ShouldBe(Content);
    }

    [Fact]
    public async Task A_download_that_breaks_off_goes_on_where_it_stopped()
    {
        Server.On("GET " + Path, Truncated(Content, 100_000), Drop(), Ranged(Content));

        (await Client.Blobs.ReadAsync(Hash.ToUpperInvariant())).ShouldBe(Content);

        var last = Server.To("GET " + Path)[^1];
        last.Headers.Range.ToString().ShouldMatch("^bytes=[1-9][0-9]*-$");
        last.Headers.IfRange.ToString().ShouldBe($"\"{Hash}\"");
    }

    [Fact]
    public async Task A_server_that_starts_over_does_not_spoil_the_content()
    {
        Server.On("GET " + Path, Truncated(Content, 100_000), Bytes(Content));

        (await Client.Blobs.ReadAsync(Hash)).ShouldBe(Content);
    }

    [Fact]
    public async Task Damaged_content_is_an_error()
    {
        byte[] damaged = [.. Content];
        damaged[1234] ^= 1;
        Server.On("GET " + Path, Bytes(damaged));

        (await Should.ThrowAsync<ContentMismatchException>(() => Client.Blobs.ReadAsync(Hash))).Message.ShouldContain(Hash);
    }

    [Fact]
    public async Task A_download_that_gets_no_further_fails_in_the_end()
    {
        Server.On("GET " + Path, Truncated(Content, 0));

        (await Should.ThrowAsync<ServersUnavailableException>(() => Client.Blobs.ReadAsync(Hash)))
            .Message.ShouldContain("broke off after 0 bytes");
    }

    [Fact]
    public async Task A_destination_that_fails_is_not_taken_for_a_broken_connection()
    {
        Server.On("GET " + Path, Ranged(Content));
        using var full = new MemoryStream(new byte[10], writable: true);

        await Should.ThrowAsync<NotSupportedException>(() => Client.Blobs.DownloadAsync(Hash, full));

        Server.Received.Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_no_hash_is_not_sent()
    {
        await Should.ThrowAsync<ArgumentException>(() => Client.Blobs.ReadAsync("../jobs"));

        Server.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_blob_that_is_not_there_is_known_as_such()
    {
        Server.On("HEAD " + Path, Problem(404, "not-found"));

        (await Client.Blobs.ExistsAsync(Hash)).ShouldBeFalse();
        (await Should.ThrowAsync<ApiException>(() => Client.Blobs.ReadAsync(new string('0', 64)))).Problem.Status.ShouldBe(404);
    }

    private sealed class OneWayStream(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
