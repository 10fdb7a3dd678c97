using GpuActors.Actors.Persistence.Store;
using Npgsql;

namespace GpuActors.Actors.Persistence.Postgres;

/// <summary>Uploads of large blobs.</summary>
internal static class PostgresBlobs
{
    private const int PartsSwept = 64;

    public static void PutPart(
        NpgsqlConnection connection, string owner, Guid uploadId, int index, ReadOnlyMemory<byte> bytes)
    {
        var upload = NameOf(uploadId);
        if (index == 0)
            Sweep(connection);
        connection.Execute(
            $"""
             INSERT INTO blob_upload (owner, upload, created) VALUES ($1, $2, {PostgresSql.NowMs})
             ON CONFLICT DO NOTHING
             """,
            owner, upload);
        if (Exists(connection, "SELECT 1 FROM blob WHERE owner = $1 AND upload = $2", owner, upload))
            throw new ArgumentException($"Upload {uploadId} is complete; a part of it can't be put any more.");
        connection.Execute(
            """
            INSERT INTO blob_part (owner, upload, part, size, data) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (owner, upload, part) DO UPDATE SET size = excluded.size, data = excluded.data
            """,
            owner, upload, index, bytes.Length, bytes);
    }

    public static void Complete(
        NpgsqlConnection connection, string owner, Guid uploadId, BlobHash hash, long sizeBytes)
    {
        var upload = NameOf(uploadId);
        if (Exists(connection, "SELECT 1 FROM blob WHERE owner = $1 AND hash = $2", owner, BytesOf(hash)))
            return;
        var parts = connection.Query(
            $"""
             SELECT count(*), coalesce(max(part), -1)::bigint, coalesce(sum(size), 0)::bigint,
                 min(CASE WHEN size < {StoreLimits.MaxBlobBytes} THEN part END)::bigint
             FROM blob_part WHERE owner = $1 AND upload = $2
             """,
            reader => new BlobUploadParts(
                reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.IsDBNull(3) ? null : reader.GetInt64(3)),
            owner, upload)[0];
        if (parts.Check(sizeBytes) is { } refusal)
            throw refusal;
        connection.Execute(
            $"""
             INSERT INTO blob (owner, hash, size, data, created, upload)
             VALUES ($1, $2, $3, ''::bytea, {PostgresSql.NowMs}, $4) ON CONFLICT DO NOTHING
             """,
            owner, BytesOf(hash), sizeBytes, upload);
        connection.Execute("DELETE FROM blob_upload WHERE owner = $1 AND upload = $2", owner, upload);
    }

    public static byte[] BytesOf(BlobHash hash)
    {
        var bytes = new byte[BlobHash.SizeBytes];
        hash.CopyTo(bytes);
        return bytes;
    }

    // A bounded number of parts of the oldest upload that is abandoned.
    private static void Sweep(NpgsqlConnection connection)
    {
        var oldest = connection.Query(
            $"""
             SELECT owner, upload FROM blob_upload WHERE created < {PostgresSql.NowMs} - $1::bigint
             ORDER BY created LIMIT 1 FOR UPDATE
             """,
            reader => (Owner: reader.GetString(0), Upload: reader.GetString(1)),
            (long)StoreLimits.UploadLifetime.TotalMilliseconds);
        foreach (var (owner, upload) in oldest)
        {
            connection.Execute(
                $"""
                 DELETE FROM blob_part WHERE owner = $1 AND upload = $2 AND part IN
                     (SELECT part FROM blob_part WHERE owner = $1 AND upload = $2 ORDER BY part LIMIT {PartsSwept})
                 """,
                owner, upload);
            connection.Execute(
                """
                DELETE FROM blob_upload WHERE owner = $1 AND upload = $2
                    AND NOT EXISTS (SELECT 1 FROM blob_part WHERE owner = $1 AND upload = $2)
                """,
                owner, upload);
        }
    }

    private static string NameOf(Guid uploadId) =>
        uploadId.ToString("N", System.Globalization.CultureInfo.InvariantCulture);

    private static bool Exists(NpgsqlConnection connection, string sql, params ReadOnlySpan<object?> values) =>
        connection.Query(sql, static _ => true, values).Count > 0;
}
