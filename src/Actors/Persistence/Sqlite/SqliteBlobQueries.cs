using System.Globalization;
using GpuActors.Actors.Persistence.Store;

namespace GpuActors.Actors.Persistence.Sqlite;

/// <summary>Reading of blobs, as functions of a connection.</summary>
internal static class SqliteBlobQueries
{
    public static ReadOnlyMemory<byte>? Read(ReadConnection connection, string owner, BlobHash hash) => Bytes(
        Bind(connection, "SELECT data FROM blob WHERE owner = ?1 AND hash = ?2 AND upload IS NULL", owner, hash));

    public static StoredBlobInfo? ReadInfo(ReadConnection connection, string owner, BlobHash hash)
    {
        var statement = Bind(connection, "SELECT size FROM blob WHERE owner = ?1 AND hash = ?2", owner, hash);
        if (!statement.Step())
            return null;
        var info = new StoredBlobInfo(statement.Int64(0));
        statement.Reset();
        return info;
    }

    public static ReadOnlyMemory<byte>? ReadPart(ReadConnection connection, string owner, BlobHash hash, int index)
    {
        if (index == 0 && Read(connection, owner, hash) is { } whole)
            return whole;
        var statement = Bind(connection, """
            SELECT p.data FROM blob AS b JOIN blob_part AS p ON p.owner = b.owner AND p.upload = b.upload AND p.part = ?3
            WHERE b.owner = ?1 AND b.hash = ?2
            """, owner, hash);
        statement.Bind(3, index);
        return Bytes(statement);
    }

    /// <summary>An upload's name in the tables.</summary>
    public static string NameOf(Guid uploadId) => uploadId.ToString("N", CultureInfo.InvariantCulture);

    private static SqliteStatement Bind(ReadConnection connection, string sql, string owner, BlobHash hash)
    {
        Span<byte> bytes = stackalloc byte[BlobHash.SizeBytes];
        hash.CopyTo(bytes);
        var statement = connection.Prepared(sql);
        statement.Bind(1, owner);
        statement.BindBlob(2, bytes);
        return statement;
    }

    private static ReadOnlyMemory<byte>? Bytes(SqliteStatement statement)
    {
        if (!statement.Step())
            return null;
        ReadOnlyMemory<byte> content = statement.Bytes(0).ToArray();
        statement.Reset();
        return content;
    }
}
