using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence.Sqlite;

internal sealed partial class WriteTransaction
{
    /// <summary>Whether the upload is a blob already.</summary>
    public bool IsComplete(string owner, string upload) =>
        HasRow("SELECT 1 FROM blob WHERE owner = ?1 AND upload = ?2", owner, upload);

    public bool HasBlob(string owner, BlobHash hash)
    {
        Span<byte> bytes = stackalloc byte[BlobHash.SizeBytes];
        hash.CopyTo(bytes);
        var statement = Prepare("SELECT 1 FROM blob WHERE owner = ?1 AND hash = ?2");
        statement.Bind(1, owner);
        statement.BindBlob(2, bytes);
        return HasRow(statement);
    }

    public void UpsertPart(string owner, string upload, int index, ReadOnlySpan<byte> bytes)
    {
        var begin = Prepare("INSERT OR IGNORE INTO blob_upload (owner, upload, created) VALUES (?1, ?2, ?3)");
        begin.Bind(1, owner);
        begin.Bind(2, upload);
        begin.Bind(3, _nowUnixMs);
        begin.Run();
        var upsert = Prepare(
            "INSERT OR REPLACE INTO blob_part (owner, upload, part, size, data) VALUES (?1, ?2, ?3, ?4, ?5)");
        upsert.Bind(1, owner);
        upsert.Bind(2, upload);
        upsert.Bind(3, index);
        upsert.Bind(4, bytes.Length);
        upsert.BindBlob(5, bytes);
        upsert.Run();
    }

    public BlobUploadParts ReadParts(string owner, string upload)
    {
        var statement = Prepare($"""
            SELECT count(*), coalesce(max(part), -1), coalesce(sum(size), 0),
                min(CASE WHEN size < {StoreLimits.MaxBlobBytes} THEN part END)
            FROM blob_part WHERE owner = ?1 AND upload = ?2
            """);
        statement.Bind(1, owner);
        statement.Bind(2, upload);
        statement.Step();
        long? firstShort = statement.IsNull(3) ? null : statement.Int64(3);
        var parts = new BlobUploadParts(statement.Int64(0), statement.Int64(1), statement.Int64(2), firstShort);
        statement.Reset();
        return parts;
    }

    public void CompleteUpload(string owner, string upload, BlobHash hash, long sizeBytes)
    {
        Span<byte> bytes = stackalloc byte[BlobHash.SizeBytes];
        hash.CopyTo(bytes);
        var insert = Prepare(
            "INSERT INTO blob (owner, hash, size, data, created, upload) VALUES (?1, ?2, ?3, x'', ?4, ?5)");
        insert.Bind(1, owner);
        insert.BindBlob(2, bytes);
        insert.Bind(3, sizeBytes);
        insert.Bind(4, _nowUnixMs);
        insert.Bind(5, upload);
        insert.Run();
        DeleteUpload(owner, upload);
    }

    /// <summary>Deletes up to <paramref name="maxParts"/> parts of the oldest upload that is abandoned.</summary>
    public void SweepUploads(int maxParts)
    {
        var oldest = Prepare("SELECT owner, upload FROM blob_upload WHERE created < ?1 ORDER BY created LIMIT 1");
        oldest.Bind(1, _nowUnixMs - (long)StoreLimits.UploadLifetime.TotalMilliseconds);
        if (!oldest.Step())
            return;
        var (owner, upload) = (oldest.Text(0), oldest.Text(1));
        oldest.Reset();
        var delete = Prepare("""
            DELETE FROM blob_part WHERE owner = ?1 AND upload = ?2 AND part IN
                (SELECT part FROM blob_part WHERE owner = ?1 AND upload = ?2 ORDER BY part LIMIT ?3)
            """);
        delete.Bind(1, owner);
        delete.Bind(2, upload);
        delete.Bind(3, maxParts);
        delete.Run();
        if (!HasRow("SELECT 1 FROM blob_part WHERE owner = ?1 AND upload = ?2", owner, upload))
            DeleteUpload(owner, upload);
    }

    private void DeleteUpload(string owner, string upload)
    {
        var delete = Prepare("DELETE FROM blob_upload WHERE owner = ?1 AND upload = ?2");
        delete.Bind(1, owner);
        delete.Bind(2, upload);
        delete.Run();
    }

    private bool HasRow(string sql, string first, string second)
    {
        var statement = Prepare(sql);
        statement.Bind(1, first);
        statement.Bind(2, second);
        return HasRow(statement);
    }

    private static bool HasRow(SqliteStatement statement)
    {
        var found = statement.Step();
        statement.Reset();
        return found;
    }
}
