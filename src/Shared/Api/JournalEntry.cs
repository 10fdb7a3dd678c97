using System.Text.Json;

namespace GpuActors.Shared.Api;

/// <summary>An event of the journal.</summary>
public sealed record JournalEntry
{
    /// <summary>Place in the order of all events; grows, with gaps.</summary>
    public long Ordering { get; init; }

    /// <summary>Whose event it is: <c>session-acme/job-1</c>, <c>cell-default</c> and so on.</summary>
    public required string PersistenceId { get; init; }

    /// <summary>Place among the events of <see cref="PersistenceId"/>, from 1.</summary>
    public long SequenceNr { get; init; }

    /// <summary>When it was committed, by the database's clock.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Its type and version.</summary>
    public required string Manifest { get; init; }

    /// <summary>Epoch of the ownership under which it was written.</summary>
    public long WriterEpoch { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string> Tags { get; init => field = value ?? []; } = [];

    /// <summary>The event.</summary>
    public JsonElement Payload { get; init; }
}

/// <summary>A page of the journal, oldest first.</summary>
public sealed record JournalPage
{
    /// <summary>The events.</summary>
    public IReadOnlyList<JournalEntry> Events { get; init => field = value ?? []; } = [];
}
