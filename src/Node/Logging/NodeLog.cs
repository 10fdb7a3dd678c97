using Microsoft.Extensions.Logging;

namespace GpuActors.Node.Logging;

/// <summary>A node's log, whose newest entries are kept for operators; levels may change at any time.
/// </summary>
public sealed class NodeLog : ILoggerFactory
{
    private readonly ILoggerFactory _factory;

    /// <summary>A log that keeps its newest entries.</summary>
    /// <param name="time">The clock of the entries.</param>
    /// <param name="configure">Adds where else entries go.</param>
    public NodeLog(TimeProvider time, Action<ILoggingBuilder>? configure = null)
    {
        Recent = new RecentLog(time);
        _factory = LoggerFactory.Create(builder =>
        {
            builder.SetMinimumLevel(LogLevel.Trace)
                .AddFilter((category, level) => Levels.IsEnabled(category, level))
                .AddProvider(Recent);
            configure?.Invoke(builder);
        });
    }

    /// <summary>A log that also writes to the console, one line an entry.</summary>
    public static NodeLog ToConsole(TimeProvider time) => new(time, builder => builder.AddSimpleConsole(console =>
    {
        console.SingleLine = true;
        console.TimestampFormat = "HH:mm:ss.fff ";
        console.UseUtcTimestamp = true;
    }));

    /// <summary>What is logged.</summary>
    public LogLevels Levels { get; } = new();

    /// <summary>The newest entries.</summary>
    public RecentLog Recent { get; }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => _factory.CreateLogger(categoryName);

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => _factory.AddProvider(provider);

    /// <inheritdoc/>
    public void Dispose() => _factory.Dispose();
}
