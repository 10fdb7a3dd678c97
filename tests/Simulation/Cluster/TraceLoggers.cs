using GpuActors.Actors.TestKit.Simulation;
using GpuActors.Simulation.Oracle;
using Microsoft.Extensions.Logging;

namespace GpuActors.Simulation.Cluster;

/// <summary>
/// What a node logs, as remarks of the trace; nothing while nobody reads it. That a message can't be sent is no fault
/// of the world but one of the product: it was not made known to serialization.
/// </summary>
internal sealed class TraceLoggers(SimulationTrace trace, Verdict verdict, string node) : ILoggerFactory
{
    public void AddProvider(ILoggerProvider provider)
    {
        // There is one place to log to.
    }

    public ILogger CreateLogger(string categoryName) => new TraceLogger(trace, verdict, node);

    public void Dispose()
    {
        // The trace belongs to the world.
    }

    private sealed class TraceLogger(SimulationTrace trace, Verdict verdict, string node) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= (trace.IsRead ? LogLevel.Information : LogLevel.Error);

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error && formatter(state, exception) is var text
                && text.Contains("is not sent", StringComparison.Ordinal))
            {
                verdict.Broken("every message can travel", text);
            }

            if (trace.IsRead && IsEnabled(logLevel))
            {
                var reason = exception is null ? "" : $" [{exception.GetType().Name}: {exception.Message}]";
                trace.Remark(node, $"  {logLevel}: {formatter(state, exception)}{reason}");
            }
        }
    }
}
