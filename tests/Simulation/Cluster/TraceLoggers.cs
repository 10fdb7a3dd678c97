using GpuActors.Actors.TestKit.Simulation;
using Microsoft.Extensions.Logging;

namespace GpuActors.Simulation.Cluster;

/// <summary>What a node logs, as remarks of the trace; nothing while nobody reads it.</summary>
internal sealed class TraceLoggers(SimulationTrace trace, string node) : ILoggerFactory
{
    public void AddProvider(ILoggerProvider provider)
    {
        // There is one place to log to.
    }

    public ILogger CreateLogger(string categoryName) => new TraceLogger(trace, node);

    public void Dispose()
    {
        // The trace belongs to the world.
    }

    private sealed class TraceLogger(SimulationTrace trace, string node) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => trace.IsRead && logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                var reason = exception is null ? "" : $" [{exception.GetType().Name}: {exception.Message}]";
                trace.Remark(node, $"  {logLevel}: {formatter(state, exception)}{reason}");
            }
        }
    }
}
