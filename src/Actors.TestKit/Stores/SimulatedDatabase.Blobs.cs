using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.TestKit.Stores;

public sealed partial class SimulatedDatabase
{
    private readonly Dictionary<(string Owner, BlobHash Hash), SimulatedBlob> _blobs = [];
    private readonly Dictionary<(string Owner, Guid Id), SimulatedUpload> _uploads = [];

    // Not "null", which beside bytes would become an empty array of them.
    private static ReadOnlyMemory<byte>? NoBytes => null;

    internal void PutBlobs(OwnershipToken ownership, IReadOnlyList<Blob> blobs)
    {
        CheckOwnership(ownership);
        PutBlobs(blobs);
    }

    internal void PutBlobPart(
        OwnershipToken ownership, string owner, Guid uploadId, int index, ReadOnlyMemory<byte> bytes)
    {
        CheckOwnership(ownership);
        var now = NowUnixMs;
        if (index == 0)
            SweepUploads(now);
        if (!_uploads.TryGetValue((owner, uploadId), out var upload))
            _uploads[(owner, uploadId)] = upload = new SimulatedUpload(now);
        if (upload.IsComplete)
            throw new ArgumentException($"Upload {uploadId} is complete; a part of it can't be put any more.");
        upload.Parts[index] = bytes;
    }

    internal void CompleteBlob(OwnershipToken ownership, string owner, Guid uploadId, BlobHash hash, long sizeBytes)
    {
        CheckOwnership(ownership);
        if (_blobs.ContainsKey((owner, hash)))
            return;
        var upload = _uploads.GetValueOrDefault((owner, uploadId)) ?? new SimulatedUpload(0);
        if (upload.Sum().Check(sizeBytes) is { } refusal)
            throw refusal;
        upload.IsComplete = true;
        _blobs[(owner, hash)] = new SimulatedBlob(false, sizeBytes, [.. upload.Parts.Values]);
    }

    internal ReadOnlyMemory<byte>? ReadBlob(string owner, BlobHash hash) =>
        _blobs.TryGetValue((owner, hash), out var blob) && blob.IsWhole ? blob.Parts[0] : NoBytes;

    internal StoredBlobInfo? ReadBlobInfo(string owner, BlobHash hash) =>
        _blobs.TryGetValue((owner, hash), out var blob) ? new StoredBlobInfo(blob.SizeBytes) : null;

    internal ReadOnlyMemory<byte>? ReadBlobPart(string owner, BlobHash hash, int index) =>
        _blobs.TryGetValue((owner, hash), out var blob) && index >= 0 && index < blob.Parts.Count
            ? blob.Parts[index]
            : NoBytes;

    private void PutBlobs(IReadOnlyList<Blob> blobs)
    {
        foreach (var blob in blobs)
            _blobs.TryAdd((blob.Owner, blob.Hash), new SimulatedBlob(true, blob.Content.Length, [blob.Content]));
    }

    private void SweepUploads(long nowUnixMs)
    {
        var before = nowUnixMs - (long)StoreLimits.UploadLifetime.TotalMilliseconds;
        foreach (var key in _uploads.Where(entry => !entry.Value.IsComplete && entry.Value.CreatedUnixMs < before)
                     .Select(entry => entry.Key).ToList())
            _uploads.Remove(key);
    }

    private sealed record SimulatedBlob(bool IsWhole, long SizeBytes, IReadOnlyList<ReadOnlyMemory<byte>> Parts);

    private sealed class SimulatedUpload(long createdUnixMs)
    {
        public long CreatedUnixMs => createdUnixMs;

        public SortedDictionary<int, ReadOnlyMemory<byte>> Parts { get; } = [];

        public bool IsComplete { get; set; }

        public BlobUploadParts Sum() => new(
            Parts.Count,
            Parts.Count == 0 ? -1 : Parts.Keys.Max(),
            Parts.Values.Sum(part => (long)part.Length),
            Parts.Where(part => part.Value.Length < StoreLimits.MaxBlobBytes)
                .Select(part => (long?)part.Key).FirstOrDefault());
    }
}
