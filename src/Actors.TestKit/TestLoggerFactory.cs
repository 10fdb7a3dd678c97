using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.TestKit;

/// <summary>Keeps all log entries, and passes them on if wished.</summary>
public sealed class TestLoggerFactory(ILoggerFactory? next = null) : ILoggerFactory
{
    private readonly ConcurrentQueue<LogEntry> _entries = new();

    public IReadOnlyCollection<LogEntry> Entries => _entries;

    public void AddProvider(ILoggerProvider provider) => next?.AddProvider(provider);

    public ILogger CreateLogger(string categoryName) =>
        new TestLogger(this, categoryName, next?.CreateLogger(categoryName));

    public void Dispose()
    {
        // The factory behind belongs to whoever made it.
    }

    private sealed class TestLogger(TestLoggerFactory factory, string category, ILogger? next) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => next?.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            factory._entries.Enqueue(new LogEntry(logLevel, category, formatter(state, exception), exception));
            next?.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}

/// <summary>One thing that was logged.</summary>
public sealed record LogEntry(LogLevel Level, string Category, string Message, Exception? Exception);
