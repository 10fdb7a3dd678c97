using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuActors.Shared.Api;

/// <summary>
/// One server-sent event of a job. On the wire <see cref="Sequence"/> is the event's <c>id</c>, the kind is its
/// <c>event</c> (<c>state</c>, <c>progress</c>, <c>log</c>), and the rest is its <c>data</c> as JSON.
/// Sequences of one job only grow; they may have gaps, because progress is thinned out.
/// </summary>
public abstract record JobEvent
{
    /// <summary>Number of the event within its job, from 1; what <c>Last-Event-ID</c> resumes after.</summary>
    [JsonIgnore]
    public long Sequence { get; init; }

    /// <summary>When it happened, by the scheduler's clock.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Number of the attempt that it belongs to; 0 before the first.</summary>
    public int Attempt { get; init; }

    /// <summary>The wire's name of the kind.</summary>
    [JsonIgnore]
    public abstract string Kind { get; }

    /// <summary>The JSON for the event's <c>data</c>, on one line.</summary>
    public abstract string ToData();

    /// <summary>Reads an event from its three parts; null for a kind that this version does not know.</summary>
    /// <exception cref="JsonException">The data is not the JSON of that kind.</exception>
    public static JobEvent? Parse(string kind, long sequence, ReadOnlySpan<char> data)
    {
        JobEvent? parsed = kind switch
        {
            JobStateEvent.Name => JsonSerializer.Deserialize(data, ApiJsonContext.Default.JobStateEvent),
            JobProgressEvent.Name => JsonSerializer.Deserialize(data, ApiJsonContext.Default.JobProgressEvent),
            JobLogEvent.Name => JsonSerializer.Deserialize(data, ApiJsonContext.Default.JobLogEvent),
            _ => null,
        };
        return parsed is null ? null : parsed with { Sequence = sequence };
    }
}

/// <summary>The job changed its state.</summary>
public sealed record JobStateEvent : JobEvent
{
    /// <summary>Kind on the wire.</summary>
    public const string Name = "state";

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => Name;

    /// <summary>The state from now on.</summary>
    public required JobState State { get; init; }

    /// <summary>Why, as a sentence; null when there is nothing to say.</summary>
    public string? Reason { get; init; }

    /// <summary>Epoch of the attempt; 0 before the first.</summary>
    public long Epoch { get; init; }

    /// <summary>What the job holds from now on.</summary>
    public IReadOnlyList<PlacedSlice> Slices { get; init => field = value ?? []; } = [];

    /// <summary>What went wrong, when the state is Failed.</summary>
    public JobError? Error { get; init; }

    /// <inheritdoc/>
    public override string ToData() => JsonSerializer.Serialize(this, ApiJsonContext.Default.JobStateEvent);
}

/// <summary>The job got further.</summary>
public sealed record JobProgressEvent : JobEvent
{
    /// <summary>Kind on the wire.</summary>
    public const string Name = "progress";

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => Name;

    /// <summary>Steps done of steps to do.</summary>
    public JobProgress Progress { get; init; }

    /// <inheritdoc/>
    public override string ToData() => JsonSerializer.Serialize(this, ApiJsonContext.Default.JobProgressEvent);
}

/// <summary>The executor or the scheduler has something to say.</summary>
public sealed record JobLogEvent : JobEvent
{
    /// <summary>Kind on the wire.</summary>
    public const string Name = "log";

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => Name;

    /// <summary>Path of the step that it belongs to, such as <c>/steps/3</c>; null when it belongs to none.</summary>
    public string? Step { get; init; }

    /// <summary>The text; may have several lines.</summary>
    public required string Text { get; init; }

    /// <inheritdoc/>
    public override string ToData() => JsonSerializer.Serialize(this, ApiJsonContext.Default.JobLogEvent);
}
