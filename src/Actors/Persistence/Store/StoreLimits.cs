namespace GpuActors.Actors.Persistence.Store;

/// <summary>Bounds that hold for every event store, so that what one accepts another does too.</summary>
public static class StoreLimits
{
    /// <summary>Characters in a persistence id, scope, manifest, tag, kind, tenant, status or entity id.</summary>
    public const int MaxNameLength = 512;

    /// <summary>Events in one atomic write.</summary>
    public const int MaxEventsPerWrite = 10_000;

    /// <summary>Payload of one event: 4 MiB.</summary>
    public const int MaxEventBytes = 4 << 20;

    /// <summary>Payload of one snapshot: 64 MiB.</summary>
    public const int MaxSnapshotBytes = 64 << 20;

    /// <summary>Data of an entity's index row: 64 KiB.</summary>
    public const int MaxIndexDataBytes = 64 << 10;

    /// <summary>Content of a blob that is put whole, and of each part of a larger one but the last: 256 KiB.</summary>
    public const int MaxBlobBytes = 256 << 10;

    /// <summary>Parts of one blob, which makes 16 GiB.</summary>
    public const int MaxBlobParts = 65_536;

    /// <summary>Time within which an upload must be completed; after it its parts are deleted.</summary>
    public static readonly TimeSpan UploadLifetime = TimeSpan.FromDays(1);

    /// <summary>Rows that one read may ask for.</summary>
    public const int MaxPageRows = 10_000;

    /// <summary>
    /// Payload after which a page of events ends early, however many were asked for: 8 MiB. A page holds at least one
    /// event if there is one.
    /// </summary>
    public const int MaxPageBytes = 8 << 20;

    /// <summary>A text behind all that begin with <paramref name="prefix"/>, by their bytes in UTF-8.</summary>
    internal static string BehindPrefix(string prefix) => prefix + "\U0010FFFF";

    internal static void CheckName(string? value, string what)
    {
        if (string.IsNullOrEmpty(value) || value.Length > MaxNameLength)
        {
            var found = value is null ? "null" : $"{value.Length} characters";
            throw new ArgumentException($"{what} must have 1 to {MaxNameLength} characters; found {found}.");
        }
    }

    internal static void CheckSize(long sizeBytes, long maxBytes, string what)
    {
        if (sizeBytes > maxBytes)
            throw new ArgumentException($"{what} may have at most {maxBytes:N0} bytes; found {sizeBytes:N0}.");
    }

    internal static void CheckTag(string tag)
    {
        CheckName(tag, "A tag");
        if (tag.Contains(';', StringComparison.Ordinal))
            throw new ArgumentException($"A tag may not contain ';', which separates tags; found '{tag}'.");
    }

    internal static void CheckPrefix(string prefix)
    {
        if (prefix.Length > MaxNameLength)
            throw new ArgumentException(
                $"A prefix may have {MaxNameLength} characters; found {prefix.Length} characters.");
    }

    internal static void CheckLimit(int limit)
    {
        if (limit is < 1 or > MaxPageRows)
            throw new ArgumentException($"A page has 1 to {MaxPageRows:N0} rows; {limit:N0} were asked for.");
    }
}
