namespace GpuActors.Worker.Executors.Pool;

/// <summary>No executor can be had, or it would not open the session; the message says why.</summary>
public sealed class ExecutorUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
