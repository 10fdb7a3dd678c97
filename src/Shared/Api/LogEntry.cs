using System.Text.Json.Serialization;

namespace GpuActors.Shared.Api;

/// <summary>How much a log entry matters.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LogSeverity>))]
public enum LogSeverity
{
    /// <summary>Each step.</summary>
    [JsonStringEnumMemberName("trace")]
    Trace,

    /// <summary>For developers.</summary>
    [JsonStringEnumMemberName("debug")]
    Debug,

    /// <summary>The course of things.</summary>
    [JsonStringEnumMemberName("information")]
    Information,

    /// <summary>Unexpected, but dealt with.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>Something did not work.</summary>
    [JsonStringEnumMemberName("error")]
    Error,

    /// <summary>The node cannot go on.</summary>
    [JsonStringEnumMemberName("critical")]
    Critical,

    /// <summary>As a level: nothing is logged.</summary>
    [JsonStringEnumMemberName("none")]
    None,
}

/// <summary>A line of a node's log.</summary>
public sealed record LogEntry
{
    /// <summary>Counts the entries since the node started, from 1.</summary>
    public long Sequence { get; init; }

    /// <summary>When, by the node's clock.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>How much it matters.</summary>
    public LogSeverity Severity { get; init; }

    /// <summary>Who wrote it.</summary>
    public required string Category { get; init; }

    /// <summary>What happened.</summary>
    public required string Message { get; init; }

    /// <summary>The exception with its stack; null if there was none.</summary>
    public string? Exception { get; init; }
}

/// <summary>Answer of <c>GET /v1/log</c>, oldest first.</summary>
public sealed record LogPage
{
    /// <summary>The entries.</summary>
    public IReadOnlyList<LogEntry> Entries { get; init => field = value ?? []; } = [];
}

/// <summary>From which severity on the entries of a category are logged.</summary>
public sealed record LogLevelSetting
{
    /// <summary>Categories that begin with this; empty for all that nothing longer fits.</summary>
    public string Category { get; init => field = value ?? ""; } = "";

    /// <summary>The least that is logged.</summary>
    public LogSeverity Severity { get; init; }
}

/// <summary>The levels of a node, <c>GET</c> and <c>PUT /v1/log/levels</c>.</summary>
public sealed record LogLevelList
{
    /// <summary>By category.</summary>
    public IReadOnlyList<LogLevelSetting> Levels { get; init => field = value ?? []; } = [];
}
