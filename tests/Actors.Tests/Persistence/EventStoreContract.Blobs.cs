using System.Security.Cryptography;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Tests.Persistence;

public abstract partial class EventStoreContract
{
    private const int PartBytes = StoreLimits.MaxBlobBytes;

    [Fact]
    public async Task A_large_blob_is_put_in_parts_and_visible_for_all_nodes_once_it_is_complete()
    {
        var content = RandomNumberGenerator.GetBytes((2 * PartBytes) + 10);
        var hash = BlobHash.Of(content);
        var upload = Guid.NewGuid();
        await PutParts(upload, content);
        (await Store.ReadBlobInfoAsync("t", hash)).ShouldBeNull();

        await Store.CompleteBlobAsync(Node, "t", upload, hash, content.Length);

        var other = Open();
        (await other.ReadBlobInfoAsync("t", hash)).ShouldBe(new StoredBlobInfo(content.Length));
        new StoredBlobInfo(content.Length).Parts.ShouldBe(3);
        (await ReadParts(other, hash, 3)).ShouldBe(content);
        (await other.ReadBlobPartAsync("t", hash, 3)).ShouldBeNull();
        (await other.ReadBlobPartAsync("u", hash, 0)).ShouldBeNull("the blob is not another owner's");
        (await other.ReadBlobAsync("t", hash)).ShouldBeNull("it doesn't lie in one piece");
    }

    [Fact]
    public async Task A_small_blob_is_its_own_only_part()
    {
        var blob = new Blob("t", Write.Json("hello"));
        await Store.PutBlobsAsync(Node, [blob]);

        (await Store.ReadBlobInfoAsync("t", blob.Hash)).ShouldBe(new StoredBlobInfo(5));
        Write.Text((await Store.ReadBlobPartAsync("t", blob.Hash, 0)).ShouldNotBeNull()).ShouldBe("hello");
        (await Store.ReadBlobPartAsync("t", blob.Hash, 1)).ShouldBeNull();
        (await Store.ReadBlobInfoAsync("u", blob.Hash)).ShouldBeNull();
    }

    [Fact]
    public async Task An_upload_with_missing_or_wrong_parts_is_not_made_a_blob()
    {
        var content = new byte[(2 * PartBytes) + 10];
        var hash = BlobHash.Of(content);
        var upload = Guid.NewGuid();
        Task Complete(long sizeBytes) => Store.CompleteBlobAsync(Node, "t", upload, hash, sizeBytes);
        Task Put(int index, int lengthBytes) =>
            Store.PutBlobPartAsync(Node, "t", upload, index, content.AsMemory(0, lengthBytes));

        (await Complete(content.Length).ShouldThrowAsync<BlobIncompleteException>()).Message.ShouldContain("0 parts");
        await Put(0, PartBytes);
        await Put(2, 10);
        await Complete(content.Length).ShouldThrowAsync<BlobIncompleteException>();
        await Put(1, PartBytes - 1);
        await Put(2, 11);
        await Complete(content.Length).ShouldThrowAsync<BlobIncompleteException>();
        await Put(1, PartBytes);
        await Put(2, 10);
        await Complete(content.Length - 1).ShouldThrowAsync<BlobIncompleteException>();
        await Should.ThrowAsync<BlobIncompleteException>(
            () => Store.CompleteBlobAsync(Node, "u", upload, hash, content.Length));
        (await Store.ReadBlobInfoAsync("t", hash)).ShouldBeNull();

        await Complete(content.Length);
        (await ReadParts(Store, hash, 3)).ShouldBe(content);
    }

    [Fact]
    public async Task Completing_twice_is_once_and_a_complete_blob_can_not_be_changed()
    {
        var content = new byte[PartBytes + 1];
        var hash = BlobHash.Of(content);
        var upload = Guid.NewGuid();
        await PutParts(upload, content);
        await Store.CompleteBlobAsync(Node, "t", upload, hash, content.Length);

        await Store.CompleteBlobAsync(Node, "t", upload, hash, content.Length);
        (await Should.ThrowAsync<ArgumentException>(
            () => Store.PutBlobPartAsync(Node, "t", upload, 0, new byte[] { 1 }))).Message.ShouldContain("complete");

        var second = Guid.NewGuid();
        await PutParts(second, content);
        await Store.CompleteBlobAsync(Node, "t", second, hash, content.Length);
        (await ReadParts(Store, hash, 2)).ShouldBe(content);
    }

    [Fact]
    public async Task A_part_that_breaks_a_bound_is_refused()
    {
        Task Put(int index, int lengthBytes) =>
            Store.PutBlobPartAsync(Node, "t", Guid.NewGuid(), index, new byte[lengthBytes]);

        await Should.ThrowAsync<ArgumentException>(() => Put(0, PartBytes + 1));
        await Should.ThrowAsync<ArgumentException>(() => Put(0, 0));
        await Should.ThrowAsync<ArgumentException>(() => Put(-1, 1));
        await Should.ThrowAsync<ArgumentException>(() => Put(StoreLimits.MaxBlobParts, 1));
        await Should.ThrowAsync<ArgumentException>(
            () => Store.CompleteBlobAsync(Node, "t", Guid.NewGuid(), BlobHash.Of(""u8), 0));
    }

    private async Task PutParts(Guid upload, byte[] content)
    {
        for (var index = 0; index * PartBytes < content.Length; index++)
        {
            var length = Math.Min(PartBytes, content.Length - (index * PartBytes));
            await Store.PutBlobPartAsync(Node, "t", upload, index, content.AsMemory(index * PartBytes, length));
        }
    }

    private static async Task<byte[]> ReadParts(IEventStore store, BlobHash hash, int parts)
    {
        var content = new List<byte>();
        for (var index = 0; index < parts; index++)
            content.AddRange((await store.ReadBlobPartAsync("t", hash, index)).ShouldNotBeNull().Span);
        return [.. content];
    }
}
