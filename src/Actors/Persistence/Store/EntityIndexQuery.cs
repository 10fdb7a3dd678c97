using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace GpuActors.Actors.Persistence.Store;

/// <summary>Which entities to list, newest first.</summary>
/// <param name="Kind">Kind of entity.</param>
public sealed record EntityIndexQuery(string Kind)
{
    /// <summary>Only this tenant's; null for every tenant's.</summary>
    public string? Tenant { get; init; }

    /// <summary>Only those in this status; null for any.</summary>
    public string? Status { get; init; }

    /// <summary>Continue behind this place; null for the first page.</summary>
    public EntityCursor? After { get; init; }

    /// <summary>At most so many, 1 to <see cref="StoreLimits.MaxPageRows"/>.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>
/// A place in a list of entities: that of the last one shown. It stays valid while entities are added and change,
/// because it is made of values that never change.
/// </summary>
/// <param name="CreatedUnixMs">Creation time of the last entity shown.</param>
/// <param name="Id">Its id, which orders entities of the same millisecond.</param>
public sealed record EntityCursor(long CreatedUnixMs, string Id)
{
    /// <summary>The place of <paramref name="entry"/>.</summary>
    public static EntityCursor Of(EntityIndexEntry entry) => new(entry.CreatedAt.ToUnixTimeMilliseconds(), entry.Id);

    /// <summary>Reads what <see cref="ToString"/> wrote: <c>milliseconds:id</c>.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EntityCursor? cursor)
    {
        cursor = null;
        var colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (colon < 1 || colon == text!.Length - 1
            || !long.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var created))
            return false;
        cursor = new EntityCursor(created, text[(colon + 1)..]);
        return true;
    }

    /// <summary><c>milliseconds:id</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{CreatedUnixMs}:{Id}");
}
