namespace GpuActors.Actors.Persistence.Store;

/// <summary>
/// A row that lets others list entities without asking their actors: written in the same transaction as the events
/// that it follows from, so it is never ahead of them and never behind.
/// </summary>
public sealed record EntityIndexEntry
{
    /// <summary>Kind of entity, for example <c>session</c>. With <see cref="Id"/> the key.</summary>
    public required string Kind { get; init; }

    /// <summary>The entity's id within its kind.</summary>
    public required string Id { get; init; }

    /// <summary>Whose entity it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>State by which lists are filtered.</summary>
    public required string Status { get; init; }

    /// <summary>Whether the entity still has something to do: such entities are started again after a crash.</summary>
    public required bool IsOpen { get; init; }

    /// <summary>When the entity was created (kept from the first write of the row); lists are ordered by it.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>What a list shows beside the columns: JSON in UTF-8, at most
    /// <see cref="StoreLimits.MaxIndexDataBytes"/>.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }
}
