namespace GpuActors.Actors.Persistence.Store;

/// <summary>One event as the store gives it back.</summary>
public sealed record StoredEvent
{
    /// <summary>Place in the order of all events of the store; grows, with gaps.</summary>
    public required long Ordering { get; init; }

    /// <summary>Whose event it is.</summary>
    public required string PersistenceId { get; init; }

    /// <summary>Place among the events of <see cref="PersistenceId"/>: 1, 2, 3, ...</summary>
    public required long SequenceNr { get; init; }

    /// <summary>When it was committed, in milliseconds since 1970 by the clock of the store.</summary>
    public required long CreatedUnixMs { get; init; }

    /// <inheritdoc cref="NewEvent.Manifest"/>
    public required string Manifest { get; init; }

    /// <summary>JSON in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <inheritdoc cref="NewEvent.Tags"/>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>Epoch of the ownership under which it was written.</summary>
    public required long WriterEpoch { get; init; }
}
