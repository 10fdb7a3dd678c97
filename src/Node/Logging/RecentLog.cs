using Microsoft.Extensions.Logging;

namespace GpuActors.Node.Logging;

/// <summary>A log entry that is kept.</summary>
/// <param name="Sequence">Counts the entries of the process, from 1.</param>
/// <param name="Message">Cut at <see cref="RecentLog.MaxMessageChars"/>.</param>
/// <param name="Exception">With its stack, cut likewise; null if there was none.</param>
public sealed record RecentLogEntry(
    long Sequence, DateTimeOffset At, LogLevel Level, string Category, string Message, string? Exception);

/// <summary>Keeps the newest log entries of the process for operators.</summary>
public sealed class RecentLog(TimeProvider time) : ILoggerProvider
{
    /// <summary>Entries that are kept.</summary>
    public const int Capacity = 2_000;

    /// <summary>Characters of a message that are kept.</summary>
    public const int MaxMessageChars = 2_048;

    private readonly Lock _gate = new();
    private readonly Queue<RecentLogEntry> _entries = new();
    private long _last;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new CategoryLogger(this, categoryName);

    /// <summary>Entries behind <paramref name="after"/> that matter at least so much, oldest first.</summary>
    /// <param name="after">A sequence; null for the newest entries.</param>
    /// <param name="least">The least level.</param>
    /// <param name="limit">Entries at most.</param>
    public IReadOnlyList<RecentLogEntry> Read(long? after, LogLevel least, int limit)
    {
        lock (_gate)
        {
            var matching = _entries.Where(entry => entry.Level >= least && entry.Sequence > (after ?? 0));
            return [.. after is null ? matching.TakeLast(limit) : matching.Take(limit)];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Add(LogLevel level, string category, string message, string? exception)
    {
        lock (_gate)
        {
            if (_entries.Count == Capacity)
            {
                _entries.Dequeue();
            }

            _entries.Enqueue(new RecentLogEntry(
                ++_last, time.GetUtcNow(), level, category, Cut(message), exception is null ? null : Cut(exception)));
        }
    }

    private static string Cut(string text) => text.Length <= MaxMessageChars ? text : text[..MaxMessageChars] + "…";

    private sealed class CategoryLogger(RecentLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            log.Add(logLevel, category, formatter(state, exception), exception?.ToString());
    }
}
